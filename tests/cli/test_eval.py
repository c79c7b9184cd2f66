"""`eval`: objects that make pods, several at once, other calls than a creation, and its forms."""

import json
import re

import pytest
import yaml

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "alice-dev"},
       "spec": {"containers": [{"name": "dev", "image": "ubuntu"}]}}
PRIVILEGED = {"containers": [{"name": "dev", "image": "ubuntu", "securityContext": {"privileged": True}}]}


def deployment(spec=None, **metadata):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", **metadata},
            "spec": {"selector": {"matchLabels": {"app": "web"}},
                     "template": {"metadata": {"labels": {"app": "web"}}, "spec": spec or POD["spec"]}}}


@pytest.fixture
def evaluate(program):
    """Evaluates objects given as dictionaries."""
    def run(objects, *arguments):
        text = "---\n".join(yaml.safe_dump(each, sort_keys=False) for each in objects)
        return program.call("eval", "-f", "-", *arguments, input=text)
    return run


def told(done, code=0) -> list[dict]:
    """The JSON documents that were printed."""
    assert done.returncode == code, done.stderr
    decoder, found, rest = json.JSONDecoder(), [], done.stdout.lstrip()
    while rest:
        one, end = decoder.raw_decode(rest)
        found.append(one)
        rest = rest[end:].lstrip()
    return found


def test_a_deployment_is_judged_by_the_pod_that_it_makes(evaluate):
    [web] = told(evaluate([deployment(namespace="dev")], "-o", "json"))
    assert (web["kind"], web["namespace"], web["name"], web["allowed"]) == ("Deployment", "dev", "web", True)
    made = web["object"]
    assert made["kind"] == "Pod" and made["metadata"]["generateName"] == "web-"
    assert made["spec"]["runtimeClassName"] == "cvm" and made["metadata"]["labels"] == {"app": "web"}
    refused = evaluate([deployment(PRIVILEGED)])
    assert refused.returncode == 1
    assert refused.stdout.startswith("Deployment web: refused\n  deny  cvm/privileged-workspace: ")
    assert "(spec.template.spec.containers[0].securityContext.privileged)" in refused.stdout


@pytest.mark.parametrize("kind, version, path", [
    ("StatefulSet", "apps/v1", "spec.template"), ("DaemonSet", "apps/v1", "spec.template"),
    ("ReplicaSet", "apps/v1", "spec.template"), ("Job", "batch/v1", "spec.template"),
    ("CronJob", "batch/v1", "spec.jobTemplate.spec.template"), ("PodTemplate", "v1", "template"),
    ("ReplicationController", "v1", "spec.template")])
def test_whatever_makes_pods_is_judged(evaluate, kind, version, path):
    made = {"spec": PRIVILEGED}
    for key in reversed(path.split(".")):
        made = {key: made}
    [result] = told(evaluate([{"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, **made}],
                             "-o", "json"), 1)
    assert result["kind"] == kind
    assert [found["field"] for found in result["findings"]] == [
        f"{path}.spec.containers[0].securityContext.privileged"]


def test_several_objects_end_with_a_summary(evaluate):
    plain = {**POD, "metadata": {"name": "plain", "labels": {"cvm-webhook.io/cvm": "false"}}}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
    done = evaluate([POD, plain, service, deployment(PRIVILEGED)], "--namespace", "dev")
    assert done.returncode == 1
    assert re.fullmatch(r"note: <stdin>:\d+:1: left out Service web\n", done.stderr)
    table = done.stdout.split("\n\n")[-2].splitlines()
    assert [line.split() for line in table] == [
        ["NAMESPACE", "KIND", "NAME", "VERDICT", "RULES"],
        ["dev", "Pod", "alice-dev", "CVM", "-"],
        ["dev", "Pod", "plain", "untouched", "-"],
        ["dev", "Deployment", "web", "refused", "privileged-workspace"]]
    assert done.stdout.endswith("\n\n3 objects: 1 CVM, 1 untouched, 1 refused\n")
    assert "+++" not in done.stdout
    assert "+++ alice-dev as a CVM" in evaluate([POD, plain], "--diff").stdout


def test_namespaces_of_the_file_count(evaluate):
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "dev", "labels": {
        "pod-security.kubernetes.io/enforce": "baseline"}}}
    done = evaluate([namespace, {**POD, "metadata": {"name": "a", "namespace": "dev"}}])
    assert done.returncode == 0 and "warn  cvm/namespace-pod-security" in done.stdout
    assert "namespace dev lacks the label cvm-webhook.io/workspaces=enabled" in done.stderr
    namespace["metadata"]["labels"] = {"cvm-webhook.io/workspaces": "enabled"}
    done = evaluate([namespace, {**POD, "metadata": {"name": "a", "namespace": "dev"}}])
    assert done.returncode == 0 and done.stdout and "lacks the label" not in done.stderr


def test_labels_of_namespaces_are_given_in_a_list(evaluate):
    labels = "a=b,pod-security.kubernetes.io/enforce=restricted"
    done = evaluate([POD], "--namespace-labels", labels)
    assert done.returncode == 0 and "enforces Pod Security level restricted" in done.stdout


def test_a_change_of_a_cvm_is_judged(evaluate, tmp_path):
    before = tmp_path / "before.yaml"
    before.write_text(evaluate([POD], "-o", "yaml").stdout)
    after = yaml.safe_load(before.read_text())
    same = evaluate([after], "--operation", "update", "--before", before)
    assert same.returncode == 0 and same.stdout == "alice-dev: admitted as the CVM that it is\n"
    after["metadata"]["labels"] = {"cvm-webhook.io/cvm": "false"}
    done = evaluate([after], "--operation", "update", "--before", before)
    assert done.returncode == 1 and "cvm/cvm-opt-out" in done.stdout
    assert evaluate([deployment(PRIVILEGED)], "--operation", "update", "--before", before).returncode == 2
    assert "needs the objects as they were" in evaluate([after], "--operation", "update").stderr


def test_a_change_of_a_deployment_is_judged_by_its_pods(evaluate, tmp_path):
    before = tmp_path / "before.yaml"
    before.write_text(yaml.safe_dump(deployment()))
    update = ("--operation", "update", "--before", before, "-o", "json")
    [same] = told(evaluate([deployment()], *update))
    assert same["allowed"] and same["object"]["spec"]["runtimeClassName"] == "cvm"
    [worse] = told(evaluate([deployment(PRIVILEGED)], *update), 1)
    assert [found["rule"] for found in worse["findings"]] == ["privileged-workspace"]
    settings = tmp_path / "settings.yaml"
    for action in ("off", "deny"):
        settings.write_text(yaml.safe_dump({"apiVersion": "cvm-webhook.io/v1alpha1", "kind": "CvmSettings",
                                            "isolation": {"templates": action}}))
        [worse] = told(evaluate([deployment(PRIVILEGED)], *update, "--settings", settings, "--explain"), 1)
        by_rule = {rule["rule"]: rule for rule in worse["rules"]}
        assert by_rule["privileged-workspace"]["outcome"] == "found"
        assert by_rule["host-namespaces"]["outcome"] == "passed", by_rule["host-namespaces"]


def test_changes_are_explained(evaluate, tmp_path):
    before, settings = tmp_path / "before.yaml", tmp_path / "settings.yaml"
    settings.write_text(yaml.safe_dump({"apiVersion": "cvm-webhook.io/v1alpha1", "kind": "CvmSettings",
                                        "rules": {"host-namespaces": "off"}}))
    before.write_text(evaluate([POD], "-o", "yaml", "--settings", settings).stdout)
    [result] = told(evaluate([yaml.safe_load(before.read_text())], "--operation", "update", "--before", before,
                             "--settings", settings, "--explain", "-o", "json"))
    by_rule = {rule["rule"]: rule for rule in result["rules"]}
    assert by_rule["plan-changed"]["outcome"] == by_rule["shared-process-namespace"]["outcome"] == "passed"
    assert by_rule["host-namespaces"]["reason"] == "the settings have it off (rules)"
    before.write_text(yaml.safe_dump(POD))
    [result] = told(evaluate([POD], "--operation", "update", "--before", before, "--explain", "-o", "json"))
    by_rule = {rule["rule"]: rule for rule in result["rules"]}
    assert by_rule["plan-changed"]["reason"] == "the pod is no CVM"
    assert by_rule["reserved-name"]["outcome"] == "passed"


@pytest.mark.parametrize("operation, container, rule", [
    ("exec", "cvm-supervisor", "supervisor-access"), ("attach", "cvm-supervisor", "supervisor-access"),
    ("exec", "dev", None), ("attach", "", None), ("port-forward", None, "port-forward"),
    ("proxy", None, "pod-proxy")])
def test_connections_into_a_cvm_are_judged(evaluate, tmp_path, operation, container, rule):
    settings = tmp_path / "settings.yaml"
    settings.write_text(yaml.safe_dump({"apiVersion": "cvm-webhook.io/v1alpha1", "kind": "CvmSettings",
                                        "rules": {"port-forward": "deny", "pod-proxy": "deny"}}))
    arguments = ["--operation", operation, "--settings", settings]
    arguments += ["--container", container] if container else []
    for given in (POD, deployment()):
        [result] = told(evaluate([given], *arguments, "-o", "json"), 1 if rule else 0)
        assert [found["rule"] for found in result["findings"]] == ([rule] if rule else [])


def test_who_asks_counts(evaluate, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text(yaml.safe_dump({"apiVersion": "cvm-webhook.io/v1alpha1", "kind": "CvmSettings",
                                        "isolation": {"breakGlass": {"groups": ["admins"]}}}))
    pod = {**POD, "spec": PRIVILEGED}
    call = (["--operation", "exec", "--container", "cvm-supervisor", "--settings", settings])
    assert evaluate([POD], *call).returncode == 1
    assert evaluate([POD], *call, "--user", "alice", "--group", "admins").returncode == 0
    assert evaluate([pod], "--settings", settings).returncode == 1


def test_every_rule_is_explained(evaluate, program):
    rules = {rule["id"] for rule in json.loads(program.run("rules", "list", "-o", "json"))}
    [result] = told(evaluate([{**POD, "spec": {**PRIVILEGED, "hostPID": True}}], "--explain", "-o", "json"), 1)
    outcomes = {rule["rule"]: rule for rule in result["rules"]}
    assert set(outcomes) == rules
    assert outcomes["host-namespaces"]["outcome"] == "found"
    assert {"path": "spec.hostPID", "value": True} in outcomes["host-namespaces"]["fields"]
    assert {"path": "spec.hostIPC"} in outcomes["host-namespaces"]["fields"]
    assert outcomes["shared-process-namespace"]["outcome"] == "passed"
    skipped = {name: rule["reason"] for name, rule in outcomes.items() if rule["outcome"] == "skipped"}
    assert skipped["node-selinux"] == "nothing is known of nodes"
    assert skipped["supervisor-access"] == "it judges other calls: exec, attach"
    assert skipped["pod-security-privileged"].startswith("it judges the final pod")
    assert skipped["profile-choice"] == "the settings have no profiles"
    assert all(skipped.values()) and not any(outcomes[name]["fields"] for name in skipped)
    nodes = told(evaluate([POD], "--nodes", "examples/nodes.yaml", "--explain", "-o", "json"))[0]["rules"]
    by_rule = {rule["rule"]: rule for rule in nodes}
    assert by_rule["gpu-cloud"]["reason"] == "the pod requests no GPU"
    assert by_rule["node-kernel"]["outcome"] == "passed"
    plain = {**POD, "metadata": {"name": "plain", "labels": {"cvm-webhook.io/cvm": "false"}}}
    [plain] = told(evaluate([plain], "--explain", "-o", "json"))
    assert {rule["rule"]: rule["reason"] for rule in plain["rules"]}["host-namespaces"] == \
        "the pod is not to be a CVM"


def test_a_rule_that_was_not_asked_is_not_said_to_have_passed(evaluate, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text(yaml.safe_dump({"apiVersion": "cvm-webhook.io/v1alpha1", "kind": "CvmSettings", "mode": "native"}))
    pod = {**POD, "spec": {**POD["spec"], "nodeName": "n1"}}
    [result] = told(evaluate([pod], "--settings", settings, "--explain", "-o", "json"))
    outcomes = {rule["rule"]: (rule["outcome"], rule["reason"]) for rule in result["rules"]}
    assert outcomes["user-namespace-mixed"] == ("skipped", "the pod names its node (spec.nodeName)")
    assert outcomes["user-namespace-stale"] == ("passed", "")
    [refused] = told(evaluate([{**POD, "spec": {**POD["spec"], "hostPID": True}}], "--explain", "-o", "json"), 1)
    outcomes = {rule["rule"]: (rule["outcome"], rule["reason"]) for rule in refused["rules"]}
    assert outcomes["plan-incomplete"] == ("skipped", "the pod was refused before")


def test_rules_are_explained_in_words_within_the_width(evaluate):
    text = evaluate([{**POD, "spec": PRIVILEGED}], "--explain").stdout
    assert "\n  found    privileged-workspace: deny\n           spec.containers[0].securityContext.privileged = true\n" in text
    assert "\n  skipped  gpu-cloud: nothing is known of nodes\n" in text
    assert max(len(line) for line in text.splitlines() if line.startswith("      ")) <= 100


def test_reviews_are_those_of_an_api_server(evaluate, program, tmp_path):
    mutate, again, validate = told(evaluate([POD], "-o", "admission-review", "--user", "alice"))
    for review in (mutate, again, validate):
        assert review["kind"] == "AdmissionReview" and review["request"]["userInfo"]["username"] == "alice"
        assert review["response"]["allowed"] and review["response"]["uid"] == review["request"]["uid"]
    assert mutate["request"]["object"] == POD and mutate["response"]["patchType"] == "JSONPatch"
    assert "patch" not in again["response"]
    assert validate["request"]["object"]["spec"]["runtimeClassName"] == "cvm"
    # `replay` reads what `eval` writes.
    (tmp_path / "call.json").write_text(json.dumps(mutate))
    settings = ("--settings", "examples/settings.yaml")
    assert "1 call" in program.run("replay", tmp_path, *settings)


def test_findings_are_told_to_code_hosts(evaluate, program, tmp_path):
    file = tmp_path / "a file.yaml"
    file.write_text("# the workspace\n" + yaml.safe_dump({**POD, "spec": PRIVILEGED}, sort_keys=False))
    done = program.call("eval", "-f", file, "-o", "sarif")
    assert done.returncode == 1
    log = json.loads(done.stdout)
    assert log["version"] == "2.1.0" and len(log["runs"]) == 1
    driver, [result] = log["runs"][0]["tool"]["driver"], log["runs"][0]["results"]
    assert result["ruleId"] in {rule["id"] for rule in driver["rules"]} and result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == str(file).replace(" ", "%20")
    assert log["runs"][0]["columnKind"] == "unicodeCodePoints"
    line = file.read_text().splitlines()[place["region"]["startLine"] - 1]
    assert line[place["region"]["startColumn"] - 1:] == "true"
    assert json.loads(evaluate([POD], "-o", "sarif").stdout)["runs"][0]["results"] == []


def test_a_controller_takes_labels_and_annotations_of_a_template(evaluate):
    web = deployment()
    web["spec"]["template"]["metadata"] |= {"name": "mine", "namespace": "other", "annotations": {"a": "b"}}
    [result] = told(evaluate([web], "-o", "json"))
    metadata = result["object"]["metadata"]
    assert "name" not in metadata and "namespace" not in metadata
    assert metadata["generateName"] == "web-" and metadata["annotations"]["a"] == "b"


def test_kinds_of_other_groups_are_left_out(evaluate):
    other = {"apiVersion": "batch.volcano.sh/v1alpha1", "kind": "Job", "metadata": {"name": "x"}, "spec": {}}
    done = evaluate([other, POD])
    assert done.returncode == 0 and "left out Job x" in done.stderr
    listed = {"apiVersion": "apps/v1", "kind": "DeploymentList",
              "items": [{key: deployment(PRIVILEGED)[key] for key in ("metadata", "spec")}]}
    assert evaluate([listed]).stdout.startswith("Deployment web: refused\n")


@pytest.mark.parametrize("metadata, words", [
    ([1], "metadata: expected an object, found array"), ({"name": 5}, "metadata.name: expected a string, found a number"),
    ({"generateName": True}, "metadata.generateName: expected a string, found a boolean")])
def test_names_are_strings(evaluate, metadata, words):
    for given in (POD, deployment()):
        for operation in ("create", "exec"):
            done = evaluate([{**given, "metadata": metadata}], "--operation", operation)
            assert done.returncode == 2 and re.match(rf"<stdin>:\d+:\d+: {re.escape(words)}", done.stderr), done.stderr


@pytest.mark.parametrize("metadata", [{}, {"name": None}, {"generateName": None}, {"generateName": "x-"}])
def test_names_may_be_absent(evaluate, metadata):
    for given in (POD, deployment()):
        for operation in ("create", "exec"):
            done = evaluate([{**given, "metadata": metadata}], "--operation", operation)
            assert done.returncode == 0, done.stderr


def test_a_terminal_is_told_nothing_by_names(evaluate):
    done = evaluate([{**POD, "metadata": {"name": "a\x1b[2J\nb: admitted"}}, POD])
    assert "\x1b" not in done.stdout and "\nb: admitted" not in done.stdout
    assert "a\\x1b[2J\\x0ab: admitted: " in done.stdout


def test_a_patch_is_of_one_object(evaluate):
    done = evaluate([POD, POD], "-o", "patch")
    assert done.returncode == 2 and "-o patch is for one object, found 2" in done.stderr


@pytest.mark.parametrize("arguments, words", [
    (["--before", "x.yaml"], "--before is for --operation update"),
    (["--container", "dev"], "--container is for --operation exec and attach"),
    (["--explain", "-o", "patch"], "--explain is for -o text and json"),
    (["--operation", "delete"], "expected attach, create, exec, port-forward, proxy or update"),
    (["--namespace-labels", "gpu"], "expected KEY=VALUE, found gpu"),
    (["--context", "x"], "--kubeconfig"),
    (["--kubeconfig", "absent.yaml"], "absent.yaml: ")])
def test_what_contradicts_itself_is_told(evaluate, arguments, words):
    done = evaluate([POD], *arguments)
    assert done.returncode == 2 and words in done.stderr and done.stdout == "", done.stderr
