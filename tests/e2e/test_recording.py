"""`serve --record` and `replay`: what an administrator runs before changing a setting."""

import json
import subprocess

import pytest
import yaml
from harness.pods import workspace
from harness.processes import wait_for
from harness.webhook import merged

SECRET = "hunter2-0d6c4f4c"
DEV = {"env": [{"name": "TOKEN", "value": SECRET}], "command": ["sh", "-c", f"login {SECRET}"]}
AMD = {"resources": {"limits": {"amd.com/gpu": "1"}}}
TMP = {"volumeMounts": [{"name": "t", "mountPath": "/tmp/x"}]}


def pod(name: str, **more):
    made = workspace(**more)
    made["metadata"]["name"] = name
    made["metadata"].setdefault("annotations", {})["example.com/contact"] = SECRET
    return made


@pytest.fixture(scope="module")
def recorded(cluster, tmp_path_factory):
    """(the directory, the settings) of a webhook that a few calls were made to."""
    directory = tmp_path_factory.mktemp("recorded")
    instance = cluster.webhooks.start(more_arguments=["--record", str(directory)])
    cluster.balancer.route_to(instance)
    kubectl = cluster.kubectl
    namespace = cluster.new_namespace({"cvm-webhook.io/workspaces": "enabled"})
    assert kubectl.create(namespace, pod("dev", container=DEV)).ok
    assert kubectl.create(namespace, pod("tmp", container=TMP, volumes=[{"name": "t", "emptyDir": {}}])).ok
    assert not kubectl.create(namespace, pod("amd", container=AMD)).ok
    kubectl("label", "pod", "dev", "-n", namespace, "team=a")
    # No kubelet runs it: the call is let through by admission, and fails behind it.
    assert not kubectl.try_run("exec", "dev", "-n", namespace, "-c", "dev", "--", "cat", f"/{SECRET} now").ok
    wait_for("the last call to be written", lambda: list(directory.glob("*-connect-pods-exec.json")))
    instance.stop()
    cluster.use()
    return directory, instance.settings


def replay(cluster, recorded, changes: dict, tmp_path):
    directory, settings = recorded
    file = tmp_path / "settings.yaml"
    file.write_text(yaml.safe_dump(merged(settings, changes)))
    outcome = subprocess.run(
        [cluster.binary, "replay", directory, "--settings", file, "--nodes", "-", "-o", "json"],
        input=json.dumps(cluster.kubectl.get("nodes")), capture_output=True, text=True, timeout=60,
        check=False)
    assert outcome.returncode in (0, 1), outcome.stderr
    calls = json.loads(outcome.stdout)["calls"]
    return outcome.returncode, {
        (call["operation"], call["resource"], call["object"].partition("/")[2]): call for call in calls}


def test_nothing_private_is_written(recorded):
    files = list(recorded[0].iterdir())
    assert len(files) >= 7, files
    for file in files:
        text = file.read_text()
        assert SECRET not in text, file
        assert "managedFields" not in text and "last-applied" not in text, file
        assert file.stat().st_mode & 0o777 == 0o600
        user = json.loads(text)["request"]["userInfo"]
        assert set(user) <= {"username", "groups"}
        assert user["username"].startswith(("user-", "system:"))


def test_the_same_settings_decide_the_same(cluster, recorded, tmp_path):
    code, calls = replay(cluster, recorded, {}, tmp_path)
    assert code == 0
    assert {call["change"] for call in calls.values()} == {"none"}, calls
    assert all(call["before"]["recorded"] for call in calls.values())
    assert calls["CREATE", "pods", "dev"]["before"]["allowed"]
    assert not calls["CREATE", "pods", "amd"]["before"]["allowed"]
    assert calls["CREATE", "pods", "amd"]["before"]["rules"] == ["gpu-vendor=deny", "no-candidate-node=warn"]
    assert calls["CONNECT", "pods/exec", "dev"]["before"]["allowed"]


def test_a_stricter_rule_shows_whom_it_would_refuse(cluster, recorded, tmp_path):
    code, calls = replay(cluster, recorded, {"rules": {"tmp-mount": "deny"}}, tmp_path)
    assert code == 1
    assert calls["CREATE", "pods", "tmp"]["change"] == "refused"
    assert calls["CREATE", "pods", "tmp"]["now"]["findings"][0]["rule"] == "tmp-mount"
    assert calls["CREATE", "pods", "dev"]["change"] == "none"


def test_a_rule_that_is_off_shows_whom_it_would_admit(cluster, recorded, tmp_path):
    code, calls = replay(cluster, recorded, {"rules": {"gpu-vendor": "off"}}, tmp_path)
    assert code == 1
    assert calls["CREATE", "pods", "amd"]["change"] == "admitted"
