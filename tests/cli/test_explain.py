"""`rules explain`: what it tells of every rule is there, and leads somewhere."""

import json
import re

import pytest

PARTS = ["id", "default", "summary", "checks", "fields", "why", "fix", "calls", "settings", "sources"]
CALLS = {"pod-creation", "pod-template", "pod-change", "exec", "attach", "port-forward", "proxy",
         "binding", "namespace-change"}


@pytest.fixture(scope="module")
def rules(program):
    ids = [rule["id"] for rule in json.loads(program.run("rules", "list", "-o", "json"))]
    assert len(ids) > 60
    return {id: json.loads(program.run("rules", "explain", id, "-o", "json")) for id in ids}


def test_every_rule_has_every_part(rules):
    for name, rule in rules.items():
        assert [part for part in rule if part != "fixed"] == PARTS
        assert rule["id"] == name
        # An admission policy is told by its ConfigMap what it needs to know.
        may_lack = {"settings"} if "ValidatingAdmissionPolicy" in rule.get("fixed", "") else set()
        assert not [part for part in PARTS if not rule[part] and part not in may_lack], name
        for part in ("checks", "why", "fix"):
            assert re.match(r'["A-Za-z].*\.$', rule[part], re.DOTALL), f"{name}: {part} is no sentence"
        assert set(rule["calls"]) <= CALLS


def test_no_two_rules_check_the_same(rules):
    assert len({rule["checks"] for rule in rules.values()}) == len(rules)


def test_sources_are_addresses_or_documents_that_are_there(rules, root):
    for name, rule in rules.items():
        for source in rule["sources"]:
            is_address = re.fullmatch(r"https://[a-z0-9.-]+/\S+", source)
            assert is_address or (root / source).is_file(), f"{name}: {source}"


def test_settings_are_keys_that_the_schema_knows(rules, program):
    schema = json.loads(program.run("config", "schema"))
    for name, rule in rules.items():
        assert ("fixed" in rule) == (f"rules.{name}" not in rule["settings"])
        assert "fixed" in rule or rule["settings"][0] == f"rules.{name}"
        for key in rule["settings"]:
            at = schema
            for part in key.split("."):
                assert part in at["properties"], f"{name}: {key}"
                at = at["properties"][part]


def test_fields_are_told_one_a_line(rules, program):
    for name in ("node-selinux", "no-candidate-node", "cvm-label"):
        lines = program.run("rules", "explain", name).splitlines()
        start = lines.index("WHAT IT READS") + 1
        assert lines[start:lines.index("", start)] == [f"  {field}" for field in rules[name]["fields"]]
        assert lines.index("WHAT IT CHECKS") < start < lines.index("WHY")


def test_connections_are_judged_by_rules_about_connections(rules):
    assert rules["supervisor-access"]["calls"] == ["exec", "attach"]
    assert rules["port-forward"]["calls"] == ["port-forward"]
    assert rules["namespace-label"]["calls"] == ["namespace-change"]
    assert rules["plan-changed"]["calls"] == ["pod-change", "binding"]
    assert "binding" in rules["node-selinux"]["calls"]


def test_an_id_may_be_copied_from_a_message(program):
    assert program.run("rules", "explain", "cvm/node-selinux:") == program.run("rules", "explain", "node-selinux")


def test_what_decides_is_told_where_the_settings_do_not(program, rules):
    fixed = {name: rule["fixed"] for name, rule in rules.items() if "fixed" in rule}
    assert fixed["node-binding"] == "is decided by the rules about nodes, each by its own id"
    table = program.run("rules", "list").splitlines()
    for name, told in fixed.items():
        row = next(line for line in table if line.startswith(f"{name} "))
        assert row.endswith(f"{rules[name]['summary']}; its action {told}")
        lines = program.run("rules", "explain", name).splitlines()
        action = " ".join(line.strip() for line in lines[lines.index("DEFAULT ACTION") + 1:lines.index("", lines.index("DEFAULT ACTION"))])
        assert action == f"{rules[name]['default']}; it {told}"


def test_every_finding_of_the_engine_is_explained(rules):
    assert {"no-compatible-node", "node-binding", "nodes-stale", "pod-unknown", "runtime-class-handler",
            "runtime-class-missing", "runtime-class-nodes", "unmarked-nodes", "outside-namespace"} <= set(rules)


@pytest.mark.parametrize("wrong, told", [
    ("node-selinx", "unknown rule; did you mean node-selinux?"),
    ("no-compatible-nodes", "unknown rule; did you mean no-compatible-node?"),
])
def test_an_id_that_is_none_says_what_is_meant(program, wrong, told):
    done = program.call("rules", "explain", wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == f"cvm-webhook rules explain: {wrong}: {told}"


def test_lines_are_no_longer_than_can_be_read(program, rules):
    for name in rules:
        text = program.run("rules", "explain", name)
        assert "\x1b" not in text
        assert not [line for line in text.splitlines() if len(line) > 100 and " " in line.strip()], name


def test_a_terminal_gets_its_width_and_colours_unless_it_wants_none(program):
    arguments = ("rules", "explain", "cvm-label")
    coloured = program.on_terminal(60, *arguments)
    plain = program.on_terminal(60, *arguments, NO_COLOR="1")
    assert "\x1b[1m" in coloured and "\x1b" not in plain
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain
    prose = [line for line in plain.splitlines() if "://" not in line]
    assert max(map(len, prose)) <= 60
    wide = program.on_terminal(300, *arguments, NO_COLOR="1")
    assert wide == program.run(*arguments)
