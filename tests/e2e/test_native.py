"""Mode native: nodes with Sysbox run CVMs themselves, and say what gives a pod its user namespace.

A cluster of its own, with the manifests of overlays/sysbox and nodes of several kinds.
"""

import contextlib
import copy
import json
import re
import subprocess

import pytest
import yaml
from harness import manifests, policies
from harness.cluster import WORKSPACES
from harness.nodes import node, register
from harness.pods import workspace
from harness.processes import wait_for

OVERLAY = manifests.BASE.parent / "overlays" / "sysbox"
SAMPLE = manifests.BASE.parent / "samples" / "runtimeclass-sysbox.yaml"
USERNS_MODE = "io.kubernetes.cri-o.userns-mode"
AUTO = "auto:size=65536"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
SYSBOX = {"sysbox-runtime": "running"}
GPU = {"resources": {"limits": {"nvidia.com/gpu": "1"}}}


def handlers(says: bool) -> list[dict]:
    return [{"name": "", "features": {"userNamespaces": True}},
            {"name": "sysbox-runc", "features": {"userNamespaces": says}}]


def with_handlers(item: dict, told: list[dict]) -> dict:
    item["status"]["runtimeHandlers"] = told
    return item


NODES = [
    with_handlers(node("new-1", "new", labels=SYSBOX), handlers(True)),
    with_handlers(node("new-2", "new", labels=SYSBOX), handlers(True)),
    node("crio-1", "crio", labels=SYSBOX, runtime="cri-o://1.32.4", kubelet="v1.32.9"),
    node("crio33-1", "crio33", labels=SYSBOX, runtime="cri-o://1.33.4", kubelet="v1.33.9"),
    node("bug-1", "bug", labels=SYSBOX, runtime="containerd://2.0.3"),
    with_handlers(node("deaf-1", "deaf", labels=SYSBOX), handlers(False)),
    with_handlers(node("bare-1", "bare", labels=SYSBOX), [{"name": "runc"}]),
    node("old-kernel-2", "kernel-6-2", labels=SYSBOX, kernel="6.2.0-39-generic"),
    # The same in every label but their own.
    node("twin-1", "twin", labels=SYSBOX),
    node("twin-2", "twin", labels=SYSBOX, runtime="cri-o://1.32.4", kubelet="v1.32.9"),
]
NAS = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "nas"},
       "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteMany"],
                "nfs": {"server": "nas.example.com", "path": "/home"}}}


@pytest.fixture(scope="module")
def cluster(new_cluster):
    with new_cluster() as cluster:
        kubectl = cluster.kubectl
        register(kubectl, NODES)
        kubectl("apply", "-f", SAMPLE)
        objects = manifests.build(kubectl, OVERLAY)
        kubectl("apply", "-f", "-", stdin=[manifests.one(objects, "ConfigMap", policies.PARAMETERS)])
        kubectl("delete", "runtimeclass", "cvm")
        yield cluster


@pytest.fixture
def webhook(cluster):
    return cluster.use(manifests.shipped_settings(manifests.build(cluster.kubectl, OVERLAY)))


def in_pool_new(**more) -> dict:
    return workspace(nodeSelector={"pool": "new"}, **more)


def in_pools(*pools: str, **more) -> dict:
    return workspace(affinity={"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "pool", "operator": "In", "values": list(pools)}]}]}}}, **more)


def stored(kubectl, namespace: str, name: str = "dev") -> dict:
    return kubectl.get("pod", name, "-n", namespace)


def requirements(pod: dict) -> list[dict]:
    return pod["spec"]["affinity"]["nodeAffinity"][REQUIRED]["nodeSelectorTerms"][0]["matchExpressions"]


def test_a_cvm_is_the_class_and_a_user_namespace_and_nothing_more(kubectl, namespace, webhook):
    pod = workspace(nodeSelector={"pool": "new"})
    outcome = kubectl.create(namespace, pod)
    assert outcome.ok and outcome.stderr == "", outcome.stderr
    made = stored(kubectl, namespace)
    assert made["spec"]["runtimeClassName"] == "sysbox-runc"
    assert made["spec"]["hostUsers"] is False
    assert made["spec"]["nodeSelector"] == {"pool": "new", **SYSBOX}, "the class added its own"
    assert list(made["metadata"]["annotations"]) == ["cvm-webhook.io/plan"]
    assert "initContainers" not in made["spec"]
    assert [item["name"] for item in made["spec"]["containers"]] == ["dev"]
    assert not [item for item in made["spec"].get("volumes", []) if "hostPath" in item]


@pytest.mark.parametrize("pool, host_users, mode", [
    ("new", False, None), ("crio33", False, None), ("crio", None, AUTO)])
def test_the_node_says_what_it_needs(kubectl, namespace, webhook, pool, host_users, mode):
    kubectl.created(namespace, workspace(nodeSelector={"pool": pool}))
    made = stored(kubectl, namespace)
    assert made["spec"].get("hostUsers") == host_users
    assert made["metadata"]["annotations"].get(USERNS_MODE) == mode


def test_candidates_that_differ_are_told_apart_by_a_label(kubectl, namespace, webhook):
    kubectl.created(namespace, in_pools("new", "crio"))
    made = stored(kubectl, namespace)
    assert made["spec"]["hostUsers"] is False, "two nodes of three"
    assert requirements(made)[1:] == [{"key": "pool", "operator": "NotIn", "values": ["crio"]}]
    bound = wait_for("the scheduler to choose a node", lambda: stored(
        kubectl, namespace)["spec"].get("nodeName"))
    assert bound in ("new-1", "new-2")


def test_a_pod_made_for_the_smaller_kind_is_kept_there(kubectl, namespace, webhook):
    kubectl.created(namespace, in_pools("new", "crio", annotations={USERNS_MODE: AUTO}))
    made = stored(kubectl, namespace)
    assert "hostUsers" not in made["spec"]
    assert requirements(made)[1:] == [{"key": "pool", "operator": "NotIn", "values": ["new"]}]
    assert wait_for("the scheduler to choose a node", lambda: stored(
        kubectl, namespace)["spec"].get("nodeName")) == "crio-1"


@pytest.mark.parametrize("pool, own, told", [
    ("new", {"annotations": {USERNS_MODE: AUTO}}, "which need hostUsers: false; it is removed"),
    ("new", {"hostUsers": True}, "hostUsers is true and .* it is set to false"),
    ("crio", {"hostUsers": False}, "need the annotation .* it is removed"),
    ("crio", {"annotations": {USERNS_MODE: "host"}}, f'is "host", .* it is set to "{AUTO}"')])
def test_what_would_fail_is_put_right_with_a_warning(kubectl, namespace, webhook, pool, own, told):
    outcome = kubectl.create(namespace, workspace(nodeSelector={"pool": pool}, **own))
    assert outcome.ok, outcome.stderr
    assert re.search(rf"^Warning: cvm/user-namespace-stale: .*{told}", outcome.stderr, re.MULTILINE)
    made = stored(kubectl, namespace)
    expected = (False, None) if pool == "new" else (None, AUTO)
    assert (made["spec"].get("hostUsers"),
            made["metadata"]["annotations"].get(USERNS_MODE)) == expected


def with_variable(name: str, value: str) -> dict:
    return in_pool_new(container={"env": [{"name": name, "value": value}]})


# rule id -> the pod, and how its refusal begins.
REFUSED = {
    "node-user-namespaces": (workspace(nodeSelector={"pool": "bug"}),
                             "containerd://2.0.3, .* containerd 2.0.1 to 2.0.4 has a bug"),
    "node-sysbox": (workspace(nodeSelector={"pool": "bare"}), "Sysbox is not among the handlers"),
    "node-id-mapping": (workspace(nodeSelector={"pool": "kernel-6-2"}), "kernel 6.2.0-39-generic"),
    "user-namespace-mixed": (workspace(nodeSelector={"pool": "twin"}),
                             "1 of the nodes that this pod may land on need hostUsers: false and 1 "),
    "gpu-native": (in_pool_new(container=GPU), 'container "dev" requests a GPU and Sysbox'),
    "sysbox-variable": (with_variable("SYSBOX_HONOR_CAP", "TRUE"),
                        'container "dev" sets SYSBOX_HONOR_CAP, .* or write SYSBOX_HONOR_CAPS'),
    "volume-id-mapping": (in_pool_new(volumes=[{"name": "home", "nfs": {"server": "nas", "path": "/"}}]),
                          'volume "home" is on NFS'),
    "privileged-workspace": (in_pool_new(container={"securityContext": {"privileged": True}}),
                             'container "dev" is privileged'),
    "host-namespaces": (in_pool_new(hostPID=True), "hostPID is true"),
    "shared-process-namespace": (in_pool_new(shareProcessNamespace=True),
                                 ".* systemd must be process 1"),
    "runtime-class-conflict": (in_pool_new(runtimeClassName="other"), "spec.runtimeClassName is "),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_what_cannot_work_is_refused_with_the_reason(kubectl, namespace, webhook, rule):
    pod, told = REFUSED[rule]
    if rule == "runtime-class-conflict":
        kubectl("apply", "-f", "-", stdin={"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
                                           "metadata": {"name": "other"}, "handler": "runc"})
    outcome = kubectl.create(namespace, pod)
    assert not outcome.ok
    assert re.search(rf"(^|denied the request: )cvm/{rule}: {told}", outcome.stderr,
                     re.MULTILINE), outcome.stderr


def test_a_handler_that_cannot_is_refused_as_well(kubectl, namespace, webhook):
    outcome = kubectl.create(namespace, workspace(nodeSelector={"pool": "deaf"}))
    assert "status.runtimeHandlers); install Sysbox 0.7.0 or later" in outcome.stderr


@pytest.mark.parametrize("rule, pod", [
    ("volume-ownership", in_pool_new(securityContext={"fsGroup": 1000},
                                   volumes=[{"name": "home", "emptyDir": {}}])),
    ("ignored-profile", in_pool_new(securityContext={"seccompProfile": {
        "type": "Localhost", "localhostProfile": "a.json"}}))])
def test_what_may_go_wrong_is_warned_of(kubectl, namespace, webhook, rule, pod):
    outcome = kubectl.create(namespace, pod)
    assert outcome.ok and f"Warning: cvm/{rule}: " in outcome.stderr


def test_a_claim_on_nfs_is_refused_once_its_volume_is_known(kubectl, namespace, webhook):
    volume = copy.deepcopy(NAS)
    volume["spec"]["claimRef"] = {"namespace": namespace, "name": "home"}
    kubectl("create", "-f", "-", stdin=volume)
    pod = in_pool_new(volumes=[{"name": "home", "persistentVolumeClaim": {"claimName": "home"}}])
    try:
        refused = wait_for("the webhook to know the volume", lambda: (
            lambda outcome: None if outcome.ok else outcome)(
                kubectl.create(namespace, pod, "--dry-run=server")))
        assert 'cvm/volume-id-mapping: claim "home" of volume "home" is on NFS' in refused.stderr
    finally:
        kubectl("delete", "pv", "nas", "--wait=false")


def test_every_container_can_be_entered(kubectl, namespace, webhook):
    kubectl.created(namespace, in_pool_new())
    wait_for("the pod to be bound", lambda: stored(kubectl, namespace)["spec"].get("nodeName"))
    for container in (["-c", "dev"], []):
        told = kubectl.try_run("exec", "-n", namespace, "dev", *container, "--", "id").stderr
        assert "denied the request" not in told, told
    told = kubectl.try_run("attach", "-n", namespace, "dev").stderr
    assert "denied the request" not in told, told


def test_the_plan_stays_as_it_was(kubectl, namespace, webhook):
    kubectl.created(namespace, workspace(nodeSelector={"pool": "crio"}))
    for annotation in (f"{USERNS_MODE}=host", "cvm-webhook.io/plan=v1:0"):
        told = kubectl.try_run("annotate", "-n", namespace, "pod", "dev", annotation,
                               "--overwrite").stderr
        assert "cvm/plan-changed: " in told, told
    assert kubectl.try_run("label", "-n", namespace, "pod", "dev", "a=b").ok


def test_a_pod_cannot_bring_a_supervisor(kubectl, namespace, webhook):
    pod = in_pool_new()
    pod["spec"]["containers"].append({"name": "cvm-supervisor", "image": "ghcr.io/coder/envbox:latest"})
    assert "cvm/reserved-name: " in kubectl.create(namespace, pod).stderr
    for item in pod["spec"]["containers"]:
        item["command"] = ["/envbox", "docker"]
    pod["metadata"]["labels"] = {"cvm-webhook.io/cvm": "false"}
    assert "cvm/reserved-name: " in kubectl.create(namespace, pod).stderr


def test_a_namespace_may_enforce_baseline(kubectl, cluster, webhook):
    name = cluster.new_namespace({**WORKSPACES, "pod-security.kubernetes.io/enforce": "baseline"})
    outcome = kubectl.create(name, in_pool_new())
    assert outcome.ok and outcome.stderr == "", outcome.stderr


@contextlib.contextmanager
def sysbox_class(kubectl, **changes):
    """The class with these changes, or without it; then as it was."""
    shipped = yaml.safe_load(SAMPLE.read_text())
    kubectl("delete", "runtimeclass", "sysbox-runc")
    if changes:
        kubectl("create", "-f", "-", stdin={**shipped, **changes})
    try:
        yield
    finally:
        kubectl("delete", "runtimeclass", "sysbox-runc", "--ignore-not-found")
        kubectl("create", "-f", "-", stdin=shipped)


@pytest.mark.parametrize("changes, told", [
    ({}, 'runtime-class-missing: RuntimeClass "sysbox-runc" does not exist'),
    ({"handler": "runc"}, 'runtime-class-handler: the handler of RuntimeClass "sysbox-runc" is runc'),
    ({"scheduling": {"nodeSelector": {"sysbox-runtime": "none-such"}}},
     'runtime-class-nodes: RuntimeClass "sysbox-runc" selects nodes with the label '
     "sysbox-runtime=none-such, and no node of the cluster has it")])
def test_a_class_that_cannot_work_is_refused_with_the_reason(kubectl, namespace, webhook, changes,
                                                             told):
    with sysbox_class(kubectl, **changes):
        wait_for("the webhook to know", lambda: f"cvm/{told}" in kubectl.create(
            namespace, in_pool_new(), "--dry-run=server").stderr)
    wait_for("CVMs to be admitted again",
             lambda: kubectl.create(namespace, in_pool_new(), "--dry-run=server").ok)


def test_nodes_tell_what_they_need(cluster, kubectl, tmp_path):
    file = tmp_path / "nodes.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List",
                                "items": kubectl.get("nodes", "-l", "sysbox-runtime")["items"]}))
    done = subprocess.run([cluster.binary, "nodes", "--nodes", file, "-o", "json", "--settings",
                           OVERLAY / "settings.yaml"], capture_output=True, text=True, check=True)
    found = {item["name"]: (item["cvm"], item["userNamespaces"]["need"])
             for item in json.loads(done.stdout)}
    assert found == {
        "new-1": (True, "hostUsers"), "new-2": (True, "hostUsers"), "crio-1": (True, "annotation"),
        "crio33-1": (True, "hostUsers"), "bug-1": (False, "unsupported"),
        "deaf-1": (False, "unsupported"), "bare-1": (False, "hostUsers"),
        "old-kernel-2": (False, "hostUsers"), "twin-1": (True, "hostUsers"),
        "twin-2": (True, "annotation")}


def test_the_api_server_takes_every_object_of_the_overlay(kubectl, cluster):
    outcome = kubectl.try_run("apply", "--dry-run=server", "-k", OVERLAY)
    assert outcome.ok and outcome.stderr == "", outcome.stderr
    base = {(item["kind"], item["metadata"]["name"]) for item in manifests.build(kubectl)}
    objects = manifests.build(kubectl, OVERLAY)
    assert {(item["kind"], item["metadata"]["name"]) for item in objects} == (
        base - {("RuntimeClass", "cvm")})
    assert manifests.shipped_settings(objects)["mode"] == "native"
    data = manifests.one(objects, "ConfigMap", policies.PARAMETERS)["data"]
    assert (data["runtimeClassNames"], data["supervisorImages"], data["supervisorCommand"]) == (
        "", "", "")


def test_marked_nodes_are_selected(cluster, kubectl, namespace):
    """An instance that marks: the class of Sysbox knows no marks, so the pod selects them."""
    instance = cluster.webhooks.start({**yaml.safe_load((OVERLAY / "settings.yaml").read_text()),
                                       "nodes": {"mark": True}})
    try:
        cluster.balancer.route_to(instance)
        marks = {"new-1": "true", "crio-1": "true", "bug-1": "false", "bare-1": "false",
                 "old-kernel-2": "false"}
        wait_for("marks", lambda: all(
            kubectl.get("node", name)["metadata"]["labels"].get("cvm-webhook.io/cvm") == mark
            for name, mark in marks.items()))
        kubectl.created(namespace, in_pools("bug", "new"))
        made = stored(kubectl, namespace)
        assert made["spec"]["nodeSelector"] == {"cvm-webhook.io/cvm": "true", **SYSBOX}
        assert len(requirements(made)) == 1
        bound = wait_for("the scheduler to choose a node", lambda: stored(
            kubectl, namespace)["spec"].get("nodeName"))
        assert bound in ("new-1", "new-2")
    finally:
        instance.stop()
