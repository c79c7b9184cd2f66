"""`kubectl cvm eval`: what a developer is told before a pod is made, by the cluster that kubectl asks."""

import json
import pathlib

import pytest
import yaml
from harness.pods import supervisor_of, workspace

def workspace_in(namespace, **spec):
    pod = workspace(**spec)
    pod["metadata"]["namespace"] = namespace
    return pod


def evaluate(plugin, pod, *arguments):
    return plugin.try_run("cvm", "eval", "-f", "-", "-o", "json", *arguments, stdin=pod)


@pytest.fixture
def live_settings(plugin):
    """What the cluster's ConfigMap says, changed for one test."""
    name = ["configmap", "cvm-webhook-settings", "--namespace", "cvm-system"]
    before = json.loads(plugin("get", *name, "-o", "json"))["data"]["settings.yaml"]

    def use(text):
        plugin("patch", *name, "--type", "merge", "-p", json.dumps({"data": {"settings.yaml": text}}))
    yield lambda change: use(change(before))
    use(before)


def test_it_tells_what_the_api_server_would_make(plugin, webhook, namespace):
    pod = workspace_in(namespace)
    outcome = evaluate(plugin, pod)
    assert outcome.ok, outcome.stderr
    told = json.loads(outcome.stdout)["object"]
    made = plugin.created(namespace, pod, "--dry-run=server")
    assert supervisor_of(told) and told["spec"]["runtimeClassName"] == made["spec"]["runtimeClassName"]
    ours, theirs = supervisor_of(told), supervisor_of(made)
    for key in ("image", "command", "securityContext", "restartPolicy"):
        assert ours[key] == theirs[key], key
    # The API server also writes defaults: a divisor beside each reference to a resource.
    assert [each["name"] for each in ours["env"]] == [each["name"] for each in theirs["env"]]


def test_nodes_of_the_cluster_refuse(plugin, namespace):
    pod = workspace_in(namespace, nodeSelector={"pool": "selinux"})
    outcome = evaluate(plugin, pod)
    assert outcome.code == 1, outcome.stderr
    assert "node-selinux" in [finding["rule"] for finding in json.loads(outcome.stdout)["findings"]]
    refused = plugin.try_run("create", "--dry-run=server", "-f", "-", stdin=pod)
    assert not refused.ok and "cvm/node-selinux" in refused.stderr


def test_live_settings_decide_unless_others_are_given(plugin, namespace, live_settings, tmp_path):
    pod = workspace_in(namespace)
    live_settings(lambda text: text.replace("runtimeClassName: cvm", "runtimeClassName: other"))
    live = json.loads(evaluate(plugin, pod).stdout)
    assert live["object"]["spec"]["runtimeClassName"] == "other"
    given = {"apiVersion": "cvm-webhook.io/v1alpha1", "kind": "CvmSettings", "runtimeClassName": "given"}
    file = tmp_path / "settings.yaml"
    file.write_text(json.dumps(given))
    outcome = evaluate(plugin, pod, "--settings", file)
    assert json.loads(outcome.stdout)["object"]["spec"]["runtimeClassName"] == "given"
    live_settings(lambda text: text + "\nwhat: 1\n")
    broken = evaluate(plugin, pod)
    assert broken.code == 2
    assert "ConfigMap cvm-system/cvm-webhook-settings, key settings.yaml:" in broken.stderr
    assert "unknown key" in broken.stderr


def test_labels_of_namespaces_count(plugin, cluster, namespace, other_namespace):
    plugin("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    enforced = evaluate(plugin, workspace(), "--namespace", namespace)
    told = json.loads(enforced.stdout)
    assert told["namespace"] == namespace
    assert [finding["rule"] for finding in told["findings"]] == ["namespace-pod-security"]
    outside = evaluate(plugin, workspace(), "-n", other_namespace)
    assert f"namespace {other_namespace} lacks the label cvm-webhook.io/workspaces=enabled" in outside.stderr
    inside = evaluate(plugin, workspace(), "-n", namespace)
    assert inside.ok and inside.stdout and "lacks the label" not in inside.stderr


def test_a_change_is_judged_by_the_pod_that_is_there(plugin, webhook, namespace):
    name = plugin.created(namespace, workspace())["metadata"]["name"]
    live = json.loads(plugin("get", "pod", name, "--namespace", namespace, "-o", "json"))
    same = evaluate(plugin, live, "--operation", "update")
    assert same.ok, same.stderr
    live["metadata"].setdefault("labels", {})["cvm-webhook.io/cvm"] = "false"
    outcome = evaluate(plugin, live, "--operation", "update")
    assert outcome.code == 1, outcome.stderr
    assert "cvm-opt-out" in outcome.stdout
    live["metadata"]["name"] = "absent"
    absent = evaluate(plugin, live, "--operation", "update")
    assert absent.code == 2 and "404" in absent.stderr
    # A name is a name: never a part of the request to the API server.
    for name in ("a HTTP/1.1\r\nX: 1\r\n\r\nDELETE /api/v1/nodes", "../../../secrets?x=1", "..", "a/../b#"):
        live["metadata"]["name"] = name
        hostile = evaluate(plugin, live, "--operation", "update")
        assert hostile.code == 2, hostile.stdout
        assert "404" in hostile.stderr or "expected the metadata.name" in hostile.stderr, hostile.stderr
    nowhere = evaluate(plugin, workspace_in(namespace), "--webhook-namespace", "../secrets#")
    assert nowhere.code == 2 and "/namespaces/..%2Fsecrets%23/deployments" in nowhere.stderr, nowhere.stderr


def test_an_exec_into_the_supervisor_is_judged_as_it_would_be(plugin, webhook, namespace):
    arguments = ("--operation", "exec", "--container", "cvm-supervisor")
    outcome = evaluate(plugin, workspace_in(namespace), *arguments)
    assert outcome.code == 1 and "supervisor-access" in outcome.stdout


def test_who_may_not_read_the_cluster_is_told_what_is_missing(plugin, cluster, namespace, tmp_path):
    developer = cluster.control_plane.service_account_kubeconfig(namespace, "default")
    refused = evaluate(plugin, workspace_in(namespace), "--kubeconfig", developer)
    assert refused.code == 2 and "403" in refused.stderr and "give --settings FILE" in refused.stderr
    settings = tmp_path / "settings.yaml"
    settings.write_text("apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\n")
    outcome = evaluate(plugin, workspace_in(namespace), "--kubeconfig", developer,
                       "--settings", settings)
    assert outcome.ok, outcome.stderr
    notes = [line for line in outcome.stderr.splitlines() if line.startswith("note: not taken into account: GET /")]
    for what, note in zip(("nodes", "namespaces", "persistentvolumes", "runtimeclasses"), notes, strict=True):
        assert what in note and "403" in note


def test_a_context_names_the_cluster_and_the_namespace(plugin, namespace, tmp_path):
    config = yaml.safe_load(plugin.kubeconfig.read_text())
    config["contexts"].append({"name": "here", "context": {**config["contexts"][0]["context"], "namespace": namespace}})
    file = tmp_path / "kubeconfig"
    file.write_text(json.dumps(config).replace('"ca.crt"', json.dumps(str(plugin.kubeconfig.parent / "ca.crt"))))
    outcome = evaluate(plugin, workspace(), "--kubeconfig", file, "--context", "here")
    assert outcome.ok, outcome.stderr
    assert json.loads(outcome.stdout)["namespace"] == namespace
    wrong = evaluate(plugin, workspace(), "--context", "nowhere")
    assert wrong.code == 2 and 'no "nowhere" among the contexts' in wrong.stderr


def test_credential_plugins_are_run_as_kubectl_runs_them(plugin, namespace, tmp_path, monkeypatch):
    config = yaml.safe_load(plugin.kubeconfig.read_text())
    [user], [cluster] = config.pop("users"), config["clusters"]
    cluster["cluster"]["certificate-authority"] = str(plugin.kubeconfig.parent / "ca.crt")
    extension = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "cvm"}}
    cluster["cluster"]["extensions"] = [extension]
    version = "client.authentication.k8s.io/v1"
    credential = {"apiVersion": version, "kind": "ExecCredential", "status": {"token": user["user"]["token"]}}
    login = tmp_path / "login"
    login.write_text(f"#!/bin/sh\nprintf %s \"$KUBERNETES_EXEC_INFO\" > {tmp_path}/told\n"
                     f"echo '{json.dumps(credential)}'\n")
    login.chmod(0o700)
    how = {"apiVersion": version, "command": "./login", "interactiveMode": "IfAvailable", "provideClusterInfo": True}
    users = {"apiVersion": "v1", "kind": "Config", "users": [{"name": user["name"], "user": {"exec": how}}]}
    (tmp_path / "users.yaml").write_text(json.dumps(users))
    (tmp_path / "clusters.yaml").write_text(json.dumps(config))
    files = [tmp_path / name for name in ("none.yaml", "users.yaml", "clusters.yaml")]
    monkeypatch.setitem(plugin.env, "KUBECONFIG", ":".join(map(str, files)))

    told = []
    for arguments in (["get", "namespace", namespace], ["cvm", "nodes"], ["cvm", "eval", "-f", "-"]):
        outcome = plugin.try_run(*arguments, stdin=workspace_in(namespace))
        assert outcome.ok, outcome.stderr
        told.append(json.loads((tmp_path / "told").read_text()))
        (tmp_path / "told").unlink()
    assert told[1] == told[2] == told[0]
    login.write_text("#!/bin/sh\necho 'log in first' >&2\nexit 1\n")
    outcome = plugin.try_run("cvm", "nodes")
    assert outcome.code == 2 and "log in first" in outcome.stderr and "exit status 1" in outcome.stderr


def test_suites_are_run_by_the_plugin(plugin):
    outcome = plugin.try_run("cvm", "test", pathlib.Path(__file__).parents[2] / "examples")
    assert outcome.ok and " passed" in outcome.stdout, outcome.stderr
