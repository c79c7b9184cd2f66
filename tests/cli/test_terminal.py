"""What a person at a terminal sees, and what a program that reads the output."""

import pytest


def too_long(told: str, columns: int) -> list[str]:
    """A command to be copied, and a word, are left whole."""
    return [line for line in told.splitlines() if len(line.split("\r")[-1]) > columns
            and " " in line.strip() and not line.strip().startswith("fix: ")]


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("arguments", [("rules", "list"), ("rules", "explain", "node-kernel"),
                                       ("test", "examples", "--coverage"),
                                       ("nodes", "--nodes", "examples/nodes.yaml"),
                                       ("nodes", "--nodes", "examples/nodes.yaml", "-o", "wide"),
                                       ("eval", "-f", "examples/workspace.yaml", "--explain"),
                                       ("eval", "-f", "examples/workspace.yaml", "--nodes",
                                        "examples/nodes.yaml", "--settings", "examples/settings.yaml"),
                                       ("doctor", "--dump", "examples/cluster.yaml")])
def test_lines_fit_into_a_terminal(program, columns, arguments):
    told = program.on_terminal(columns, *arguments, NO_COLOR="1")
    assert told and too_long(told, columns) == []


@pytest.mark.parametrize("columns", [80, 120])
def test_changed_decisions_fit_into_a_terminal(program, columns, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text("kind: CvmSettings\napiVersion: cvm-webhook.io/v1alpha1\ncaching: true\n")
    told = program.on_terminal(columns, "replay", "tests/data/recordings", "--settings", settings,
                               "--nodes", "examples/nodes.yaml", NO_COLOR="1")
    assert "cvm/node-shiftfs" in told and too_long(told, columns) == []


def test_lines_are_whole_for_programs(program):
    for line in program.run("rules", "list").splitlines():
        assert not line.startswith(" ")
    assert any(len(line) > 100 for line in program.run("rules", "list").splitlines())


@pytest.mark.parametrize("arguments", [
    ("eval", "-f", "examples/workspace.yaml"), ("eval", "-f", "examples/workspace.yaml", "--explain"),
    ("test", "examples"), ("rules", "explain", "node-kernel"),
    ("doctor", "--dump", "examples/cluster.yaml")])
def test_colours_are_for_terminals_and_end_with_no_color(program, arguments):
    assert "\x1b[" in program.on_terminal(80, *arguments)
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b[3" not in program.on_terminal(80, *arguments, **environment)
        assert "\x1b[1" not in program.on_terminal(80, *arguments, **environment)
    assert "\x1b[" not in program.call(*arguments).stdout
