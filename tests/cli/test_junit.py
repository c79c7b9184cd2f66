"""JUnit is what Jenkins' xunit plugin accepts, which rejects what its schema does not name."""

import re
import xml.etree.ElementTree

import pytest

# What the parts of a report that this program writes may have, as in
# https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
# element -> (required attributes, optional ones, elements in it)
SCHEMA = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors"},
                  {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
                  {"testsuite", "properties", "testcase", "system-out", "system-err"}),
    "testcase": ({"name"}, {"time", "classname", "group"},
                 {"skipped", "error", "failure", "system-out", "system-err"}),
    "skipped": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "failure": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
    "system-err": (set(), set(), set()),
}
# Its type SUREFIRE_TIME, with the three decimals of its first version, which others have copied.
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?")
SUITES = """\
apiVersion: cvm-webhook.io/v1alpha1
kind: CvmPolicyTest
name: some & more
pod: {metadata: {name: a}, spec: {containers: [{name: a, image: b}]}}
cases:
- {name: passes, expect: {allowed: true}}
- {name: "fails <&>\\u0007", expect: {allowed: false}}
- {name: does not run, expect: {allowed: true}}
"""


def check(element):
    assert element.tag in SCHEMA, element.tag
    required, optional, inside = SCHEMA[element.tag]
    assert required <= set(element.keys()) <= required | optional, (element.tag, element.keys())
    assert TIME.fullmatch(element.get("time", "")), element.get("time")
    for one in element:
        assert one.tag in inside, f"{one.tag} in {element.tag}"
        check(one)
    if inside:
        assert not (element.text or "").strip()


def counts_of(suite):
    """As its attributes say, and as its cases are."""
    said = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    cases = suite.findall("testcase")
    found = {"tests": len(cases)}
    for name, tag in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
        found[name] = len([case for case in cases if case.find(tag) is not None])
    return said, found


@pytest.fixture
def suite(tmp_path):
    path = tmp_path / "suite.yaml"
    path.write_text(SUITES)
    return path


def report_of(program, *arguments):
    root = xml.etree.ElementTree.fromstring(program.call(*arguments, "-o", "junit").stdout)
    assert root.tag == "testsuites"
    check(root)
    for one in root:
        said, found = counts_of(one)
        assert said == found
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name)) == sum(int(one.get(name)) for one in root)
    return root


def test_a_report_of_suites_fits_the_schema(program, suite):
    root = report_of(program, "test", str(suite), "examples/policies", "--fail-fast", "--parallel", "1")
    assert len(root) > 1
    for timed in (root, *root, *root.iter("testcase")):
        assert re.fullmatch(r"\d+\.\d{3}", timed.get("time"))


def test_a_report_says_where_a_case_that_fails_is(program, suite):
    root = report_of(program, "test", str(suite), "--fail-fast", "--parallel", "1")
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert list(cases) == ["passes", "fails <&>?", "does not run"]
    assert cases["fails <&>?"].find("failure").text.startswith(f"{suite}:7\n")
    assert cases["does not run"].find("skipped") is not None
    assert root[0].get("file") == str(suite)


def test_a_report_of_a_cluster_fits_the_schema(program):
    root = report_of(program, "doctor", "--dump", "examples/cluster.yaml")
    assert {one.tag for case in root.iter("testcase") for one in case} >= {"failure", "system-out"}
