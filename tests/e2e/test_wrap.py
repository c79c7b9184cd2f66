"""Placement wrap on a real API server: workspaces become the inner containers of envbox."""

import copy
import json
import pathlib

import pytest
import yaml
from harness import policies
from harness.cluster import WORKSPACES
from harness.other_webhook import OtherWebhook
from harness.pods import workspace
from harness.processes import wait_for

PODS = pathlib.Path(__file__).resolve().parents[1] / "data" / "workspaces"
SUPERVISOR = "cvm-webhook.io/supervisor"
SETTINGS = {"supervisor": {"placement": "wrap"},
            "gpu": {"usrLibDir": "/usr/lib/x86_64-linux-gnu"}}
LIBRARIES = "cvm-usr-lib=/usr/lib/x86_64-linux-gnu:/var/coder/usr/lib\n"


def plain(name: str = "dev", **container) -> dict:
    return workspace(name, container={
        "command": ["sleep", "infinity"], "securityContext": {"runAsUser": 1000}, **container},
        schedulerName="nobody")


def wrapped_container(pod: dict) -> dict:
    name = pod["metadata"]["annotations"][SUPERVISOR]
    return next(item for item in pod["spec"]["containers"] if item["name"] == name)


def variables(container: dict) -> dict:
    return {item["name"]: item.get("value", item.get("valueFrom")) for item in container["env"]}


@pytest.fixture(scope="module")
def wrapping(cluster):
    """The webhook and the policies, both with placement wrap."""
    host_paths = policies.parameters(cluster.kubectl)["data"]["hostPaths"] + LIBRARIES
    with policies.changed_parameters(cluster.kubectl, placement="wrap", hostPaths=host_paths):
        cluster.use(SETTINGS)
        namespace = cluster.new_namespace(WORKSPACES)
        wait_for("the policies to know of wrap", lambda: cluster.kubectl.create(
            namespace, plain(), "--dry-run=server").ok)
        yield cluster


@pytest.fixture
def team(wrapping) -> str:
    wrapping.use(SETTINGS)
    return wrapping.new_namespace(WORKSPACES)


def test_a_plain_workspace_is_wrapped(kubectl, team):
    pod = kubectl.created(team, plain())
    container = wrapped_container(pod)
    assert container["name"] == "dev"
    assert container["command"] == ["/envbox", "docker"]
    assert container["securityContext"]["privileged"] is True
    assert variables(container)["CODER_INNER_IMAGE"] == "codercom/enterprise-base:ubuntu"
    assert container["resources"]["limits"] == {"cpu": "2", "memory": "4Gi"}
    # The inner container's, less what the supervisor needs.
    assert variables(container)["CODER_CPUS"] == "2"
    assert variables(container)["CODER_MEMORY"] == str((4096 - 128) << 20)
    # The API server mounts the account's token: it is passed on.
    token = "/var/run/secrets/kubernetes.io/serviceaccount"
    assert [item["mountPath"] for item in container["volumeMounts"]].count(token) == 1
    assert f"{token}:{token}:ro" in variables(container)["CODER_MOUNTS"].split(",")
    assert "cvm-no-token" not in [volume["name"] for volume in pod["spec"]["volumes"]]
    assert pod["spec"]["runtimeClassName"] == "cvm"
    assert len(pod["spec"]["containers"]) == 1


@pytest.mark.parametrize("limits, expected", [
    ({}, (None, None)),
    ({"cpu": "500m", "memory": "128Mi"}, (None, str(64 << 20))),
    ({"cpu": "3000m", "memory": "1G"}, ("3", str(10**9 - (128 << 20)))),
])
def test_the_inner_container_is_told_of_limits_that_it_can_have(kubectl, team, limits, expected):
    given = variables(wrapped_container(kubectl.created(team, plain(
        resources={"limits": limits}))))
    assert (given.get("CODER_CPUS"), given.get("CODER_MEMORY")) == expected


def test_a_wrapped_workspace_has_a_cache_of_its_own(wrapping, kubectl, team):
    wrapping.use({**SETTINGS, "caching": True})
    container = wrapped_container(kubectl.created(team, plain()))
    given = variables(container)
    assert given["CODER_CVM_NAMESPACE"]["fieldRef"]["fieldPath"] == "metadata.namespace"
    assert given["CODER_CVM_WORKSPACE"]["fieldRef"]["fieldPath"] == "metadata.name"
    own = "cvm-cache/$(CODER_CVM_NAMESPACE)/$(CODER_CVM_WORKSPACE)/"
    assert {item["mountPath"]: item["subPathExpr"].removeprefix(own)
            for item in container["volumeMounts"] if "subPathExpr" in item} == {
        "/var/lib/coder/docker": "inner-docker", "/var/lib/coder/containers": "inner-containers",
        "/var/lib/docker": "docker", "/var/lib/containers": "containers"}
    mounts = {item["name"]: item for item in container["volumeMounts"]
              if "subPathExpr" not in item}
    assert mounts["cvm-var-run"] == {"name": "cvm-var-run", "mountPath": "/host/var/run",
                                     "readOnly": True, "recursiveReadOnly": "IfPossible"}
    assert mounts["cvm-var-lib"] == {"name": "cvm-var-lib", "mountPath": "/host/var/lib"}


@pytest.mark.parametrize("file", sorted(PODS.glob("*.yaml")), ids=lambda file: file.stem)
def test_realistic_workspaces_are_admitted_by_all_calls_and_policies(wrapping, kubectl, team, file):
    pod = yaml.safe_load(file.read_text())
    pod["spec"]["schedulerName"] = "nobody"
    if "serviceAccountName" in pod["spec"]:
        pod["spec"]["serviceAccountName"] = "default"
    outcome = kubectl.create(team, pod)
    assert outcome.ok, outcome.stderr
    stored = kubectl.get("pod", "-n", team, pod["metadata"]["name"])
    container = wrapped_container(stored)
    again = copy.deepcopy(stored)
    for field in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
        again["metadata"].pop(field, None)
    again["metadata"]["name"] += "-again"
    again["spec"]["hostname"] = variables(container)["CODER_INNER_HOSTNAME"]
    again.pop("status", None)
    outcome = kubectl.create(team, again, "--dry-run=server", "-o", "json")
    assert outcome.ok, "a wrapped pod from a backup: " + outcome.stderr
    assert wrapped_container(json.loads(outcome.stdout)) == container


def test_policies_have_time_for_a_large_workspace(wrapping, kubectl, team):
    """The API server ends expressions that cost too much, and refuses the pod."""
    wrapping.use({**SETTINGS, "caching": True})
    pod = plain(env=[{"name": f"NAME_{number}", "value": "x" * 60} for number in range(150)],
                volumeMounts=[{"name": "data", "mountPath": f"/data/{number}",
                               "subPath": f"part-{number}"} for number in range(60)])
    pod["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    outcome = kubectl.create(team, pod, "--dry-run=server")
    assert outcome.ok, outcome.stderr


@pytest.mark.parametrize("name", ["CODER_CVM_NAMESPACE", "CODER_CVM_WORKSPACE"])
def test_a_plain_workspace_cannot_name_its_cache_by_a_variable(wrapping, kubectl, team, name):
    wrapping.use({**SETTINGS, "caching": True})
    outcome = kubectl.create(team, plain(env=[{"name": name, "value": "kube-system"}]))
    assert not outcome.ok
    assert f'cvm/wrap-unsupported: container "dev" sets the variable "{name}"' in outcome.stderr


def test_kubectl_shows_what_is_lost_and_what_cannot_be_carried_over(kubectl, team):
    pod = plain(volumeMounts=[{"name": "data", "mountPath": "/data", "readOnly": True}], tty=True)
    pod["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    for field in ("command", "securityContext"):
        del pod["spec"]["containers"][0][field]
    outcome = kubectl.create(team, pod)
    assert outcome.ok, outcome.stderr
    for rule in ("wrap-dropped", "wrap-entrypoint", "wrap-user", "wrap-read-only"):
        assert f"Warning: cvm/{rule}: container \"dev\" " in outcome.stderr
    outcome = kubectl.create(team, plain("other", env=[{"name": "CODER_ADD_TUN", "value": "true"}]))
    assert not outcome.ok
    assert "cvm/wrap-unsupported: container \"dev\" sets the variable" in outcome.stderr


def test_nobody_enters_the_wrapped_container(kubectl, team):
    kubectl.created(team, plain("alice"))
    with_database = plain("bob")
    with_database["spec"]["containers"].append({"name": "db", "image": "postgres:16"})
    kubectl.created(team, with_database)
    for arguments in (["alice"], ["alice", "-c", "dev"], ["bob", "-c", "dev"]):
        outcome = kubectl.try_run("exec", "-n", team, *arguments, "--", "id")
        assert "cvm/supervisor-access" in outcome.stderr, outcome.stderr
        outcome = kubectl.try_run("attach", "-n", team, *arguments)
        assert "cvm/supervisor-access" in outcome.stderr, outcome.stderr
    outcome = kubectl.try_run("exec", "-n", team, "bob", "-c", "db", "--", "id")
    assert "does not have a host assigned" in outcome.stderr, "as without a webhook"
    outcome = kubectl.try_run("debug", "-n", team, "alice", "--image=busybox", "--target=dev")
    assert "cvm/reserved-name" in outcome.stderr, outcome.stderr


def test_it_stays_as_it_was_made(kubectl, team):
    kubectl.created(team, plain())
    outcome = kubectl.try_run("set", "image", "-n", team, "pod/dev", "dev=evil:1")
    assert "cvm/plan-changed" in outcome.stderr, outcome.stderr
    outcome = kubectl.try_run("annotate", "-n", team, "pod/dev", f"{SUPERVISOR}-")
    assert "cvm/plan-changed" in outcome.stderr, outcome.stderr
    outcome = kubectl.try_run("label", "-n", team, "pod/dev", "a=b")
    assert outcome.ok, outcome.stderr
    resized = {"spec": {"containers": [{"name": "dev", "resources": {"limits": {"cpu": "3"}}}]}}
    outcome = kubectl.try_run("patch", "-n", team, "pod/dev", "--subresource=resize",
                              "--patch", json.dumps(resized))
    assert "cvm/" not in outcome.stderr, "resources are the workspace's own"


# How a user might write a wrapped pod by hand, to get more than a plain pod is given.
def _variable(name: str, **source):
    def change(pod: dict):
        env = wrapped_container(pod)["env"]
        env[:] = [item for item in env if item["name"] != name] + [{"name": name, **source}]
    return change


def _mount(**mount):
    def change(pod: dict):
        pod["spec"].setdefault("volumes", []).append({"name": "mine", "emptyDir": {}})
        wrapped_container(pod)["volumeMounts"].append({"name": "mine", **mount})
    return change


def _field(**fields):
    return lambda pod: wrapped_container(pod).update(fields)


def _exec(*command):
    return {"exec": {"command": list(command)}}


# What the mutating call puts right, as if something had been added.
REPAIRED = {
    "mounts of the node": _variable("CODER_MOUNTS", value="/lib/modules:/mnt,/usr/src:/usr/src"),
    "the supervisor's files": _variable("CODER_MOUNTS", value="/etc:/mnt"),
    "all variables": _variable("CODER_INNER_ENVS", value="*"),
    "a volume over programs": _mount(mountPath="/usr/bin"),
    "a volume over the node's": _mount(mountPath="/usr/src/x"),
    "a volume above home": _mount(mountPath="/home/.."),
}
FORGED = {
    "a device more": _variable("CODER_ADD_FUSE", value="true"),
    "another network": _variable("CODER_DOCKER_BRIDGE_CIDR", value="10.0.0.0/8"),
    "a library before all": _variable("LD_PRELOAD", value="/home/dev/x.so"),
    "programs of their own": _variable("PATH", value="/home/dev"),
    "another daemon": _variable("DOCKER_HOST", value="tcp://10.0.0.1:2375"),
    "an image from a secret": _variable("CODER_INNER_IMAGE",
                                        valueFrom={"secretKeyRef": {"name": "s", "key": "k"}}),
    "another image": _field(image="registry.example.com/evil:1"),
    "another command": _field(command=["/bin/sh"]),
    "arguments": _field(args=["--image=evil"]),
    "a working directory": _field(workingDir="/home/dev"),
    "a probe": _field(livenessProbe=_exec("/bin/sh", "-c", "id")),
    "a probe with options": _field(livenessProbe=_exec(
        "docker", "exec", "--privileged", "workspace_cvm", "id")),
    "a hook": _field(lifecycle={"postStart": _exec("docker", "exec", "--user=1000",
                                                   "workspace_cvm", "id")}),
    "a probe that writes": _field(readinessProbe=_exec(
        "curl", "--globoff", "--insecure", "--fail", "--silent", "--show-error", "--path-as-is", "--noproxy", "*", "--output",
        "/envbox", "--", "http://172.19.0.2:80/")),
    "variables of a secret": _field(envFrom=[{"secretRef": {"name": "s"}}]),
    "the supervisor's variables of a secret": _field(envFrom=[
        {"prefix": "CODER_", "secretRef": {"name": "s"}}]),
    "another namespace's cache, of a secret": _field(envFrom=[
        {"prefix": "CODER_C", "secretRef": {"name": "s"}}]),
    "another namespace's cache": _variable("CODER_CVM_NAMESPACE", value="kube-system"),
    "a cache outside the namespace": _variable("CODER_CVM_WORKSPACE", value="../kube-system/dev"),
    "mounts that reach the node": _mount(mountPath="/home/x", mountPropagation="Bidirectional"),
    "the cache as a home": lambda pod: wrapped_container(pod)["volumeMounts"].append(
        {"name": "cvm-cache", "mountPath": "/home/x"}),
    "a message file": _field(terminationMessagePath="/envbox"),
    "capabilities": lambda pod: wrapped_container(pod)["securityContext"].update(
        {"capabilities": {"add": ["SYS_ADMIN"]}}),
    "another container": lambda pod: pod["spec"]["containers"].append(
        {"name": "beside", "image": "busybox", "securityContext": {"privileged": True}}),
    "the node's files": lambda pod: next(
        volume for volume in pod["spec"]["volumes"] if volume["name"] == "cvm-usr-src")
        ["hostPath"].update(path="/"),
}


def as_users_get_it(kubectl, team) -> dict:
    """A wrapped pod that is ready to be created once more."""
    pod = json.loads(kubectl("create", "-n", team, "--dry-run=server", "-o", "json", "-f", "-",
                             stdin=plain(volumeMounts=[])))
    for field in ("uid", "creationTimestamp", "managedFields"):
        pod["metadata"].pop(field, None)
    pod.pop("status", None)
    return pod


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_wrapped_pod_is_refused(wrapping, kubectl, team, what):
    pod = as_users_get_it(kubectl, team)
    assert kubectl.create(team, pod, "--dry-run=server").ok, "as it is, it is what users get"
    FORGED[what](pod)
    outcome = kubectl.create(team, pod, "--dry-run=server")
    assert not outcome.ok, f"{what}: let through"
    assert "mutate.cvm-webhook.io" in outcome.stderr or "validate.cvm-webhook.io" in outcome.stderr


@pytest.mark.parametrize("what", REPAIRED)
def test_a_forged_wrapped_pod_gets_nothing_more(wrapping, kubectl, team, what):
    pod = as_users_get_it(kubectl, team)
    right = wrapped_container(copy.deepcopy(pod))
    REPAIRED[what](pod)
    forged = wrapped_container(pod)
    outcome = kubectl.create(team, pod, "--dry-run=server", "-o", "json")
    assert outcome.ok, outcome.stderr
    container = wrapped_container(json.loads(outcome.stdout))
    added = [item["mountPath"] for item in container["volumeMounts"]
             if item["name"] == "mine"]
    assert all(path.startswith("/home/%2F") for path in added), added
    assert len(added) == len([item for item in forged["volumeMounts"] if item["name"] == "mine"])
    for name in ("CODER_MOUNTS", "CODER_INNER_ENVS"):
        listed = set(variables(container)[name].split(","))
        expected = set(variables(right)[name].split(","))
        more = {entry for entry in listed - expected if not entry.startswith("/home/%2F")}
        assert not more and expected <= listed


# What admission policies see without the settings and the plan.
SEEN_BY_POLICIES = ("mounts of the node", "the supervisor's files",
                    "a library before all", "programs of their own", "another daemon",
                    "another image", "another command", "arguments", "a working directory",
                    "a probe", "a probe with options", "a hook", "a probe that writes",
                    "variables of a secret", "a volume over programs", "a volume over the node's",
                    "a volume above home", "mounts that reach the node", "another container",
                    "the node's files", "the cache as a home",
                    "the supervisor's variables of a secret", "another namespace's cache",
                    "another namespace's cache, of a secret", "a cache outside the namespace")


@pytest.mark.parametrize("what", SEEN_BY_POLICIES)
def test_policies_refuse_it_while_the_webhook_is_not_asked(wrapping, kubectl, team, what):
    pod = json.loads(kubectl("create", "-n", team, "--dry-run=server", "-o", "json", "-f", "-",
                             stdin=plain()))
    for field in ("uid", "creationTimestamp", "managedFields"):
        pod["metadata"].pop(field, None)
    pod["metadata"]["labels"] = {"cvm-webhook.io/cvm": "false"}
    rules = ("reserved-name", "privileged-workspace", "plan-incomplete")
    wrapping.use({**SETTINGS, "rules": {rule: "off" for rule in rules},
                  "isolation": {"podSecurity": "privileged"}})
    assert kubectl.create(team, pod, "--dry-run=server").ok, "the policies take what is right"
    {**FORGED, **REPAIRED}[what](pod)
    outcome = kubectl.create(team, pod, "--dry-run=server")
    assert "ValidatingAdmissionPolicy" in outcome.stderr, outcome.stderr or f"{what}: let through"


def test_what_another_webhook_adds_later_reaches_the_inside(wrapping, kubectl, team):
    def add(pod: dict) -> list:
        container = pod["spec"]["containers"][0]
        if any(item["name"] == "PROXY" for item in container.get("env", [])):
            return []
        return [{"op": "add", "path": "/spec/volumes/-", "value": {"name": "ca", "emptyDir": {}}},
                {"op": "add", "path": "/spec/containers/0/volumeMounts/-",
                 "value": {"name": "ca", "mountPath": "/etc/ca", "readOnly": True}},
                {"op": "add", "path": "/spec/containers/0/env/-",
                 "value": {"name": "PROXY", "value": "proxy.example.com"}}]

    other = OtherWebhook(wrapping.webhooks.certificates, add)
    name = f"other-{team}"
    kubectl("create", "-f", "-", stdin=other.configuration(name, team, "Never"))
    try:
        def passed_on():
            outcome = kubectl.create(team, plain("probe"), "--dry-run=server", "-o", "json")
            assert outcome.ok, outcome.stderr
            container = wrapped_container(json.loads(outcome.stdout))
            return other.pods and container
        container = wait_for("the other webhook to be called", passed_on)
        assert "PROXY" in variables(container)["CODER_INNER_ENVS"].split(",")
        assert "/home/%2Fetc%2Fca:/etc/ca:ro" in variables(container)["CODER_MOUNTS"].split(",")
    finally:
        kubectl("delete", "mutatingwebhookconfiguration", name)
        other.stop()


def test_a_deployment_of_workspaces_is_told_what_its_pods_lose(kubectl, team):
    pod = plain(tty=True)
    outcome = kubectl.create(team, {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "dev"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "replicas": 0,
                 "template": {"metadata": {"labels": {"a": "b"}}, "spec": {
                     "containers": pod["spec"]["containers"]}}}})
    assert outcome.ok
    assert "cvm/wrap-dropped: container \"dev\" sets tty" in outcome.stderr


def test_the_template_for_coder_makes_no_privileged_pod():
    template = (PODS.parents[2] / "manifests" / "overlays" / "coder" / "template" / "main.tf").read_text()
    code = "\n".join(line for line in template.splitlines() if not line.lstrip().startswith("#"))
    for word in ("privileged", "host_path", "envbox", "CODER_INNER", "sysbox", "run_as_user = 0"):
        assert word not in code
