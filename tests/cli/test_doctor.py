"""`doctor` of a dump: what a person and a CI job are told, and with which exit code."""

import json
import subprocess
import xml.etree.ElementTree

import pytest
import yaml


@pytest.fixture
def dump(root) -> dict:
    return yaml.safe_load((root / "examples/cluster.yaml").read_text())


def healthy(dump: dict) -> dict:
    """The example without what is wrong in it."""
    labels = one(dump, "Namespace", "workspaces")["metadata"]["labels"]
    labels["pod-security.kubernetes.io/enforce"] = "privileged"
    one(dump, "ResourceQuota", "team")["status"]["used"]["requests.cpu"] = "1"
    dump["items"].remove(one(dump, "Pod", "bob-dev"))
    return dump


def one(dump: dict, kind: str, name: str) -> dict:
    return next(item for item in dump["items"] if item["kind"] == kind and item["metadata"]["name"] == name)


def doctor(program, dump, *arguments) -> subprocess.CompletedProcess:
    text = dump if isinstance(dump, str) else yaml.safe_dump(dump)
    return program.call("doctor", "--dump", "-", *arguments, input=text)


def statuses(done) -> dict[str, str]:
    return {check["id"]: check["status"] for check in json.loads(done.stdout)["checks"]}


def test_what_fails_says_how_to_mend_it(program, dump):
    done = doctor(program, dump)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("FAIL  pod-security  "))
    assert lines[place + 1].split("fix: ")[1] == (
        "kubectl label namespace workspaces pod-security.kubernetes.io/enforce=privileged --overwrite")
    assert lines[-1] == "17 passed, 2 warnings, 1 failed, 2 skipped"


def test_all_in_one_line_each_where_nothing_is_wrong(program, dump):
    done = doctor(program, healthy(dump))
    assert done.returncode == 0, done.stdout
    found = [line.split()[:2] for line in done.stdout.splitlines() if line[:4] in ("PASS", "WARN", "FAIL", "SKIP")]
    assert [name for status, name in found if status == "SKIP"] == ["serving-certificate", "service-account"]
    assert {status for status, _ in found} == {"PASS", "SKIP"}
    assert len(found) == 22


def test_warnings_alone_are_no_failure(program, dump):
    one(healthy(dump), "Namespace", "workspaces")["metadata"]["labels"]["cvm-webhook.io/workspaces"] = "true"
    done = doctor(program, dump, "-o", "json")
    assert done.returncode == 0
    assert statuses(done)["namespaces"] == "warn"


def test_json_has_every_check(program, dump):
    done = doctor(program, dump, "-o", "json")
    answer = json.loads(done.stdout)
    assert list(answer) == ["checks", "summary"]
    assert answer["summary"] == {"passed": 17, "warnings": 2, "failed": 1, "skipped": 2}
    for check in answer["checks"]:
        assert list(check) == ["id", "title", "status", "findings"]
        for finding in check["findings"]:
            assert finding["message"] and (finding["fix"] or finding["status"] == "pass")


def test_junit_tells_failures_from_warnings(program, dump):
    done = doctor(program, dump, "-o", "junit")
    assert done.returncode == 1
    suite = xml.etree.ElementTree.fromstring(done.stdout).find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("22", "1", "2")
    cases = {case.get("name"): case for case in suite}
    assert "kubectl label namespace" in cases["pod-security"].find("failure").text
    assert cases["service-account"].find("skipped").get("message")
    assert cases["quotas"].find("system-out").text.startswith("WARN ResourceQuota workspaces/team")
    assert not list(cases["nodes"])


def test_a_dump_may_be_of_many_documents_and_files(program, dump, tmp_path):
    whole = statuses(doctor(program, dump, "-o", "json"))
    nodes = [item for item in dump["items"] if item["kind"] == "Node"]
    # As the API server lists them: the items do not say what they are.
    for node in nodes:
        dump["items"].remove(node)
        del node["kind"], node["apiVersion"]
    (tmp_path / "nodes.json").write_text(json.dumps({"apiVersion": "v1", "kind": "NodeList", "items": nodes}))
    done = doctor(program, yaml.safe_dump_all(dump["items"]), "--dump", str(tmp_path / "nodes.json"), "-o", "json")
    assert statuses(done) == whole


def test_an_empty_list_of_a_kind_is_an_answer(program, dump):
    dump["items"].remove(one(dump, "LimitRange", "defaults"))
    assert statuses(doctor(program, dump, "-o", "json"))["limit-ranges"] == "skip"
    empty = {"apiVersion": "v1", "kind": "LimitRangeList", "items": []}
    done = doctor(program, yaml.safe_dump_all([dump, empty]), "-o", "json")
    assert statuses(done)["limit-ranges"] == "pass"


def test_other_settings_and_a_certificate_can_be_given(program, dump, tmp_path):
    program.run("certs", "issue", "--dir", str(tmp_path), "--service", "cvm-webhook")
    ca = subprocess.run(["base64", "-w0", tmp_path / "ca.crt"], capture_output=True, text=True, check=True).stdout
    (tmp_path / "settings.yaml").write_text(
        "apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\nmode: native\n")
    certificate = ("--serving-cert", str(tmp_path / "tls.crt"), "-o", "json")
    assert statuses(doctor(program, dump, *certificate))["serving-certificate"] == "fail"
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        for webhook in one(dump, kind, "cvm-webhook")["webhooks"]:
            webhook["clientConfig"] = {**webhook["clientConfig"], "caBundle": ca}
    found = statuses(doctor(program, dump, "--settings", str(tmp_path / "settings.yaml"), *certificate))
    assert found["serving-certificate"] == "pass"
    assert (found["pod-security"], found["runtime-class"]) == ("pass", "fail")


@pytest.mark.parametrize("text, message", [
    ("kind: [", "<stdin>:1:"),
    ("- 1\n", "<stdin>:1:1: expected a Kubernetes object, found none"),
    ("a: 1\n", "<stdin>:1:1: expected a Kubernetes object, found no kind"),
    ("", "<stdin>: expected Kubernetes objects, found an empty file"),
    ("apiVersion: v1\nkind: List\nitems:\n- 7\n", "<stdin>:4:3: expected a Kubernetes object, found none"),
    ("apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Node\n  metadata: {name: [x]}\n",
     "<stdin>:6:20: metadata.name: "),
])
def test_what_is_no_dump_is_said_with_its_place(program, text, message):
    done = doctor(program, text)
    assert done.returncode == 2
    assert done.stderr.startswith(message), done.stderr
    assert not done.stdout


def test_what_cannot_be_read_is_unusable(program, dump, tmp_path):
    for arguments in (["doctor"], ["doctor", "--dump", str(tmp_path / "none.yaml")],
                      ["doctor", "--kubeconfig", str(tmp_path / "none")],
                      ["doctor", "--dump", "-", "--settings", "-"],
                      ["doctor", "--dump", "-", "--in-cluster"],
                      ["doctor", "--dump", "examples/cluster.yaml", "--serving-cert", "examples/cluster.yaml"]):
        done = program.call(*arguments, input="")
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert done.stderr


def test_colours_are_for_terminals_or_who_asks(program, dump):
    assert "\x1b[" not in doctor(program, dump).stdout
    assert "\x1b[1;31mFAIL\x1b[0m" in doctor(program, dump, "--color", "always").stdout
