"""Node groups that have no node yet: nodes.templates says what their nodes will be like."""

import re

import pytest
from harness.nodes import GOOD
from harness.pods import supervisor_of, workspace
from harness.processes import wait_for
from harness.webhook import merged

GPU = {"resources": {"limits": {"nvidia.com/gpu": "2"}}}
SYSTEM = {"kernelVersion": GOOD["kernel"], "osImage": GOOD["os_image"]}
# The nodes of the pools selinux, old-kernel and cos that are there cannot host CVMs.
TEMPLATES = [
    {"name": "workspaces", "labels": {"pool": "selinux"}, **SYSTEM},
    {"name": "from-zero", "labels": {"pool": "from-zero"}, **SYSTEM},
    {"name": "reserved", "labels": {"pool": "reserved"}, **SYSTEM,
     "taints": [{"key": "dedicated", "value": "workspaces", "effect": "NoSchedule"}]},
    {"name": "metal-gpus", "labels": {"pool": "new-gpus"}, **SYSTEM,
     "allocatable": {"cpu": "64", "memory": "256Gi", "nvidia.com/gpu": "4"}},
    {"name": "cloud-gpus", "labels": {"pool": "cloud-gpus"}, **SYSTEM,
     "providerID": "gce://project/us-central1-a/", "allocatable": {"nvidia.com/gpu": "4"}},
    {"name": "hardened", "labels": {"pool": "hardened"},
     "kernelVersion": "5.14.0-427.13.1.el9_4.x86_64", "osImage": "Rocky Linux 9.4 (Blue Onyx)"},
    {"name": "legacy", "labels": {"pool": "legacy"},
     "kernelVersion": "4.15.0-213-generic", "osImage": "Ubuntu 18.04.6 LTS"},
    {"name": "still-legacy", "labels": {"pool": "old-kernel"},
     "kernelVersion": "4.15.0-213-generic", "osImage": "Ubuntu 18.04.6 LTS"},
]
SETTINGS = {"nodes": {"templates": TEMPLATES}}
DENIED = (r'Error from server \(Forbidden\): error when creating "STDIN": '
          r'admission webhook "mutate.cvm-webhook.io" denied the request: ')
ONLY_TEMPLATE = (r"cvm/no-compatible-node: the only node template this pod may land on cannot host a "
                 r"CVM: it .* \(.*\)\n")


@pytest.fixture
def templates(cluster):
    """The instance that knows the node groups, alone behind the Service."""
    return cluster.use(SETTINGS)


def in_pool(pool: str, **more) -> dict:
    return workspace(nodeSelector={"pool": pool}, **more)


def test_a_node_group_makes_up_for_nodes_that_cannot_host_the_pod(cluster, kubectl, namespace):
    pod = in_pool("selinux")
    cluster.use()
    assert "cvm/node-selinux: " in kubectl.create(namespace, pod).stderr
    cluster.use(SETTINGS)
    outcome = kubectl.create(namespace, pod)
    assert (outcome.code, outcome.stderr) == (0, "")
    stored = kubectl.get("pod", "dev", "-n", namespace)
    assert stored["spec"]["runtimeClassName"] == "cvm"
    assert supervisor_of(stored)


def test_a_pod_for_which_there_is_only_a_node_group_gets_no_warning(cluster, kubectl, namespace):
    pod = in_pool("from-zero")
    cluster.use()
    assert "Warning: cvm/no-candidate-node: " in kubectl.create(
        namespace, pod, "--dry-run=server").stderr
    cluster.use(SETTINGS)
    outcome = kubectl.create(namespace, pod)
    assert (outcome.code, outcome.stderr) == (0, "")


@pytest.mark.parametrize("pod", [
    pytest.param(in_pool("nowhere"), id="label"),
    pytest.param(in_pool("reserved"), id="taint"),
    pytest.param(in_pool("from-zero", nodeName="not-yet-there"), id="name"),
    pytest.param(workspace(nodeSelector={"pool": "from-zero", "kubernetes.io/arch": "arm64"}),
                 id="architecture"),
])
def test_a_pod_that_neither_nodes_nor_groups_fit_is_warned(kubectl, namespace, templates, pod):
    outcome = kubectl.create(namespace, pod)
    assert outcome.ok, outcome.stderr
    assert re.fullmatch(r"Warning: cvm/no-candidate-node: no node of the cluster matches .*\n",
                        outcome.stderr), outcome.stderr


def test_a_toleration_opens_a_tainted_group(kubectl, namespace, templates):
    outcome = kubectl.create(namespace, in_pool("reserved", tolerations=[
        {"key": "dedicated", "operator": "Equal", "value": "workspaces", "effect": "NoSchedule"}]))
    assert (outcome.code, outcome.stderr) == (0, "")


def test_a_group_with_gpus_counts_for_pods_that_ask_for_as_many(kubectl, namespace, templates):
    outcome = kubectl.create(namespace, in_pool("new-gpus", container=GPU))
    assert outcome.ok, outcome.stderr
    assert "cvm/no-candidate-node" not in outcome.stderr
    more = {"resources": {"limits": {"nvidia.com/gpu": "5"}}}
    outcome = kubectl.create(namespace, in_pool("new-gpus", container=more), "--dry-run=server")
    assert "Warning: cvm/no-candidate-node: " in outcome.stderr


@pytest.mark.parametrize("pod, reason", [
    pytest.param(in_pool("hardened"), r"cvm/node-selinux: .*Rocky Linux 9.4.*", id="selinux"),
    pytest.param(in_pool("legacy"), r"cvm/node-kernel: kernel 4.15.0-213-generic .*", id="kernel"),
    pytest.param(in_pool("cloud-gpus", container=GPU), r"cvm/gpu-cloud: .*Google Cloud.*",
                 id="gpu-cloud"),
])
def test_a_group_that_cannot_host_cvms_is_told_with_its_reason(kubectl, namespace, templates, pod,
                                                               reason):
    outcome = kubectl.create(namespace, pod)
    assert outcome.code == 1
    assert re.fullmatch(r"(?:Warning: cvm/gpu-beta: .*\n)?" + DENIED + ONLY_TEMPLATE + reason
                        + r"\n", outcome.stderr), outcome.stderr
    assert kubectl.get("pods", "-n", namespace)["items"] == []


def test_a_group_as_unfit_as_the_nodes_changes_nothing(cluster, kubectl, namespace):
    pod = in_pool("old-kernel")
    cluster.use()
    without = kubectl.create(namespace, pod)
    cluster.use(SETTINGS)
    with_templates = kubectl.create(namespace, pod)
    assert "cvm/node-kernel: kernel 5.3.0-76-generic" in without.stderr
    assert with_templates.stderr == without.stderr


def test_a_group_that_is_added_to_the_settings_is_known_without_a_restart(cluster, kubectl,
                                                                          namespace):
    instance = cluster.webhooks.start()
    try:
        cluster.balancer.route_to(instance)
        pod = in_pool("selinux")
        assert "cvm/node-selinux: " in kubectl.create(namespace, pod).stderr
        instance.write_settings(merged(instance.settings, SETTINGS))
        wait_for("the pod to be admitted",
                 lambda: kubectl.create(namespace, pod, "--dry-run=server").ok)
        instance.write_settings(instance.settings)
        wait_for("the pod to be refused again",
                 lambda: "cvm/node-selinux: " in kubectl.create(
                     namespace, pod, "--dry-run=server").stderr)
    finally:
        cluster.use()
        instance.stop()
