"""What other mutating webhooks, and a cluster without ours, can and cannot do to a CVM."""

import contextlib

import pytest
from harness import policies
from harness.other_webhook import OtherWebhook
from harness.pods import supervisor_of, workspace
from harness.processes import wait_for

EVIL = "registry.example.com/evil:1"


def _replace_supervisor_image(pod: dict) -> list:
    for index, container in enumerate(pod["spec"].get("initContainers", [])):
        if container["name"] == "cvm-supervisor" and container["image"] != EVIL:
            return [{"op": "replace", "path": f"/spec/initContainers/{index}/image", "value": EVIL}]
    return []


def _replace_supervisor_image_late(pod: dict) -> list:
    """Only once the API server has added the overhead: after our second call."""
    return _replace_supervisor_image(pod) if "overhead" in pod["spec"] else []


def _add_container(**fields):
    def patch(pod: dict) -> list:
        if not supervisor_of(pod):
            return []
        return [{"op": "add", "path": "/spec/containers/-",
                 "value": {"name": "mesh", "image": "mesh:1", **fields}}]
    return patch


@pytest.fixture
def other_webhook(cluster, namespace):
    """Starts another mutating webhook for the namespace; its name puts it after ours."""
    with contextlib.ExitStack() as started:
        def start(patch_for, reinvocation="Never") -> OtherWebhook:
            server = OtherWebhook(cluster.webhooks.certificates, patch_for)
            started.callback(server.stop)
            configuration = server.configuration(f"other-{namespace}", namespace, reinvocation)
            cluster.kubectl("create", "-f", "-", stdin=configuration)
            started.callback(cluster.kubectl, "delete", "mutatingwebhookconfiguration",
                             f"other-{namespace}")
            opted_out = workspace(labels={"cvm-webhook.io/cvm": "false"})
            wait_for("the other webhook to be called", lambda: cluster.kubectl.created(
                namespace, opted_out, "--dry-run=server") and server.pods)
            server.pods.clear()
            return server

        yield start


def test_a_changed_supervisor_is_refused_when_our_webhook_is_called_again(kubectl, namespace,
                                                                        webhook, other_webhook):
    other = other_webhook(_replace_supervisor_image)
    outcome = kubectl.create(namespace, workspace())
    assert other.pods
    assert not outcome.ok
    assert 'admission webhook "mutate.cvm-webhook.io" denied the request: ' in outcome.stderr
    assert 'cvm/reserved-name: container "cvm-supervisor" is not the one' in outcome.stderr
    assert kubectl.get("pods", "-n", namespace)["items"] == []


def test_a_supervisor_that_is_changed_last_is_refused_by_the_validating_call(
        kubectl, namespace, webhook, other_webhook):
    """The policies are asked before the validating webhooks; each refuses it alone."""
    other = other_webhook(_replace_supervisor_image_late, reinvocation="IfNeeded")
    outcome = kubectl.create(namespace, workspace())
    assert "overhead" in other.pods[-1]["spec"]
    assert not outcome.ok
    assert (f"{policies.POLICY} 'cvm-webhook-reserved-names' with binding "
            "'cvm-webhook-reserved-names' denied request: cvm/reserved-name: container "
            f'"cvm-supervisor" runs image "{EVIL}" and that is not') in outcome.stderr
    with policies.without(kubectl, "cvm-webhook-reserved-names"):
        outcome = wait_for("the policy to be gone", lambda: (
            lambda outcome: outcome if policies.POLICY not in outcome.stderr else None)(
                kubectl.create(namespace, workspace())))
    assert "overhead" in other.pods[-1]["spec"]
    assert not outcome.ok
    assert 'admission webhook "validate.cvm-webhook.io" denied the request: ' in outcome.stderr
    assert 'cvm/reserved-name: container "cvm-supervisor" is not the one' in outcome.stderr
    assert kubectl.get("pods", "-n", namespace)["items"] == []


def test_a_container_that_another_webhook_adds_is_let_through(kubectl, namespace, webhook,
                                                             other_webhook):
    other_webhook(_add_container())
    pod = kubectl.created(namespace, workspace())
    assert "mesh" in [container["name"] for container in pod["spec"]["containers"]]
    assert supervisor_of(pod)


def test_a_privileged_container_that_another_webhook_adds_is_refused(kubectl, namespace, webhook,
                                                                    other_webhook):
    other_webhook(_add_container(securityContext={"privileged": True}))
    outcome = kubectl.create(namespace, workspace())
    assert not outcome.ok
    assert 'cvm/privileged-workspace: container "mesh" is privileged;' in outcome.stderr


def test_a_container_that_mounts_the_supervisors_volumes_is_refused(kubectl, namespace, webhook,
                                                                   other_webhook):
    other_webhook(_add_container(volumeMounts=[{"name": "cvm-usr-src", "mountPath": "/src"}]))
    outcome = kubectl.create(namespace, workspace())
    assert not outcome.ok
    assert 'cvm/reserved-name: container "mesh" mounts volume "cvm-usr-src"' in outcome.stderr


def test_a_user_who_brings_the_whole_plan_gets_the_same_cvm(kubectl, namespace, webhook):
    """A stored CVM, applied anew as by a backup: nothing to add, nothing to refuse."""
    stored = kubectl.created(namespace, workspace(automountServiceAccountToken=False))
    again = {"apiVersion": "v1", "kind": "Pod", "spec": stored["spec"], "metadata": {
        "name": "dev", "annotations": stored["metadata"]["annotations"]}}
    again["spec"].pop("nodeName", None)
    kubectl("delete", "pod", "dev", "-n", namespace, "--force", "--grace-period=0")
    restored = kubectl.created(namespace, again)
    assert restored["spec"] == again["spec"]


def test_a_pod_without_its_plan_is_refused_when_the_mutating_configuration_is_gone(
        kubectl, namespace, webhook):
    saved = kubectl.get("mutatingwebhookconfiguration", "cvm-webhook")
    for field in ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"):
        saved["metadata"].pop(field, None)
    kubectl("delete", "mutatingwebhookconfiguration", "cvm-webhook")
    try:
        told = wait_for("the refusal", lambda: kubectl.create(
            namespace, workspace(), "--dry-run=server").stderr)
    finally:
        kubectl("create", "-f", "-", stdin=saved)
        wait_for("the webhook to be called again", lambda: kubectl.create(
            namespace, workspace(), "--dry-run=server").ok)
    assert 'admission webhook "validate.cvm-webhook.io" denied the request: ' in told
    for part in ('runtimeClassName "cvm"', 'container "cvm-supervisor"', 'volume "cvm-usr-src"',
                 'volume "cvm-lib-modules"', 'volume "cvm-sysbox"', 'volume "cvm-cache"',
                 'volume "cvm-no-token"', 'annotation "cvm-webhook.io/plan"'):
        assert f"cvm/plan-incomplete: {part} that makes this pod a CVM is missing" in told


def test_pods_wait_for_a_webhook_that_is_down(cluster, kubectl, namespace):
    """failurePolicy Fail: no workspace without its checks."""
    cluster.balancer.route_to()
    outcome = kubectl.create(namespace, workspace())
    assert not outcome.ok
    assert 'failed calling webhook "mutate.cvm-webhook.io"' in outcome.stderr
