"""The last line: a CVM is not bound to a node that cannot host it; and what the RuntimeClass says."""

import pytest
from harness import manifests
from harness.pods import try_to_bind, workspace
from harness.processes import wait_for

# Nobody schedules these pods but the test.
BY_HAND = {"schedulerName": "by-hand"}


def _node_of(kubectl, namespace: str, pod: str) -> str | None:
    return kubectl.get("pod", pod, "-n", namespace)["spec"].get("nodeName")


def test_a_cvm_is_not_bound_to_a_node_that_cannot_host_it(kubectl, namespace, webhook):
    kubectl.created(namespace, workspace(**BY_HAND))
    refused = wait_for("the webhook to know the pod", lambda: (
        lambda outcome: None if outcome.ok else outcome)(
            try_to_bind(kubectl, namespace, "dev", "selinux-1")), timeout=5)
    assert 'cvm/node-binding: node "selinux-1" cannot host this CVM' in refused.stderr
    assert "cvm/node-selinux: " in refused.stderr
    assert _node_of(kubectl, namespace, "dev") is None
    assert try_to_bind(kubectl, namespace, "dev", "cvm-1").ok
    assert _node_of(kubectl, namespace, "dev") == "cvm-1"


def test_a_cvm_with_a_gpu_is_held_to_what_gpu_pods_need(kubectl, namespace, webhook):
    gpu = {"resources": {"limits": {"nvidia.com/gpu": "1"}}}
    kubectl.created(namespace, workspace(container=gpu, nodeSelector={"pool": "metal-gpu"},
                                         **BY_HAND))
    kubectl.created(namespace, workspace("plain", **BY_HAND))
    outcome = try_to_bind(kubectl, namespace, "dev", "gke-gpu-1")
    assert "cvm/gpu-cloud: " in outcome.stderr
    assert try_to_bind(kubectl, namespace, "plain", "gke-gpu-1").ok


def test_a_pod_that_is_no_cvm_is_bound_anywhere(kubectl, namespace, webhook):
    kubectl.created(namespace, workspace(labels={"cvm-webhook.io/cvm": "false"}, **BY_HAND))
    assert try_to_bind(kubectl, namespace, "dev", "selinux-1").ok


def test_node_name_at_creation_is_judged_too(kubectl, namespace, webhook):
    outcome = kubectl.create(namespace, workspace(nodeName="selinux-1"))
    assert "cvm/node-selinux: " in outcome.stderr
    assert kubectl.create(namespace, workspace(
        nodeName="cvm-1", nodeSelector={"pool": "cvm"})).ok


@pytest.fixture
def runtime_class(kubectl):
    """Replaces the RuntimeClass of CVMs, whose handler cannot be changed, or takes it away."""
    shipped = manifests.one(manifests.build(kubectl), "RuntimeClass")

    def replace(handler: str | None):
        kubectl("delete", "runtimeclass", shipped["metadata"]["name"], "--ignore-not-found")
        if handler is not None:
            kubectl("apply", "-f", "-", stdin={**shipped, "handler": handler})

    yield replace
    replace(shipped["handler"])


def test_a_runtime_class_of_sysbox_is_refused_with_the_reason(kubectl, namespace, webhook,
                                                             runtime_class):
    assert "[+]runtimeClass ok: cvm, handler runc" in webhook.ops("/readyz?verbose")[1]
    runtime_class("sysbox-runc")
    refused = wait_for("the webhook to know", lambda: (
        lambda outcome: None if outcome.ok else outcome)(
            kubectl.create(namespace, workspace(), "--dry-run=server")))
    assert "cvm/runtime-class-handler: the handler of RuntimeClass \"cvm\" is sysbox-runc" in (
        refused.stderr)
    runtime_class(None)
    wait_for("readiness to say so", lambda: 'RuntimeClass "cvm" does not exist' in webhook.ops(
        "/readyz?verbose")[1])
    assert webhook.ops("/readyz")[0] == 200
    assert [line for line in webhook.log_lines() if line.get("msg") == "runtimeClass"]
    runtime_class("runc")
    wait_for("CVMs to be admitted again",
             lambda: kubectl.create(namespace, workspace(), "--dry-run=server").ok)
