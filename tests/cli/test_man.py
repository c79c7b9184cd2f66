"""`man`: a page that man(1) shows as it is meant, with all that --help knows."""

import re
import subprocess

import pytest


@pytest.fixture(scope="module")
def page(program) -> str:
    return program.run("man")


def test_groff_has_no_complaints(page):
    done = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-z"], input=page, capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_mandoc_has_no_complaints(page):
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True,
                          text=True, check=False)
    # A page of the binary has no date of its own.
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == []


def test_it_has_every_command_option_and_example(page, program, commands):
    done = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=200"], input=page, capture_output=True, text=True,
                          check=True)
    text = re.sub(".\b", "", done.stdout)
    for command in commands:
        assert f"cvm-webhook {' '.join(command)}" in text
        help_text = program.run(*command, "--help")
        for name in re.findall(r"^  (?:-\w,)?(--[\w-]+)", help_text, re.MULTILINE):
            assert name in text, f"{command}: {name}"
        examples = help_text.split("Examples:\n", 1)[1].splitlines()
        for line in filter(None, map(str.strip, examples)):
            assert line in text, f"{command}: {line}"
