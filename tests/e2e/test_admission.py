"""Which pods become CVMs, and what else the API server does with them."""

import json

import pytest
from harness.pods import comparable, differences, full_workspace, supervisor_of, workspace
from harness.processes import wait_for

ANNOTATION = "mutation.webhook.admission.k8s.io/round_{}_index_0"


def _audited(cluster, namespace: str) -> dict:
    """The audit annotations of the one pod creation in a namespace."""
    events = wait_for("the audit log", lambda: cluster.control_plane.audit_events(namespace))
    assert len(events) == 1
    return events[0].get("annotations", {})


def _is_cvm(pod: dict) -> bool:
    parts = [pod["spec"].get("runtimeClassName") == "cvm", supervisor_of(pod) is not None,
             "cvm-webhook.io/plan" in pod["metadata"].get("annotations", {})]
    assert len(set(parts)) == 1, "all parts of the plan or none"
    return parts[0]


def test_the_runtime_class_adds_overhead_and_node_selector(kubectl, namespace, webhook):
    kubectl.created(namespace, workspace(nodeSelector={"pool": "cvm"}))
    spec = kubectl.get("pod", "dev", "-n", namespace)["spec"]
    assert spec["runtimeClassName"] == "cvm"
    assert spec["overhead"] == {"cpu": "100m", "memory": "256Mi"}
    assert spec["nodeSelector"] == {"pool": "cvm", "cvm-webhook.io/cvm": "true"}


@pytest.mark.parametrize("placement", ["sidecar", "container"])
def test_the_second_call_adds_nothing(cluster, kubectl, namespace, placement):
    cluster.use({"supervisor": {"placement": placement}})
    kubectl.created(namespace, full_workspace())
    annotations = _audited(cluster, namespace)
    rounds = [json.loads(annotations[ANNOTATION.format(number)]) for number in (0, 1)]
    for call in rounds:
        assert call["configuration"] == "cvm-webhook"
        assert call["webhook"] == "mutate.cvm-webhook.io"
    assert [call["mutated"] for call in rounds] == [True, False]
    assert ANNOTATION.format(2) not in annotations


def test_the_audit_log_tells_the_decision(cluster, kubectl, namespace, webhook):
    kubectl.created(namespace, workspace())
    annotations = _audited(cluster, namespace)
    assert annotations["mutate.cvm-webhook.io/decision"] == "admitted"
    assert annotations["validate.cvm-webhook.io/decision"] == "admitted"


def test_the_audit_log_tells_which_rules_refused(cluster, kubectl, namespace, webhook):
    assert not kubectl.create(namespace, workspace(hostPID=True)).ok
    annotations = _audited(cluster, namespace)
    assert annotations["mutate.cvm-webhook.io/decision"] == "refused"
    assert annotations["mutate.cvm-webhook.io/rules"] == "host-namespaces=deny"


def test_a_deployments_pods_become_cvms(cluster, kubectl, namespace, webhook):
    pod = full_workspace()
    kubectl("create", "-n", namespace, "-f", "-", stdin={
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "team"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "team"}}, "template": {
            "metadata": {"labels": {"app": "team"}}, "spec": pod["spec"]}}})
    pods = wait_for("three pods", lambda: len(kubectl.get("pods", "-n", namespace)["items"]) == 3
                    and kubectl.get("pods", "-n", namespace))["items"]
    for pod in pods:
        assert pod["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet"
        assert _is_cvm(pod)
    # None was refused on the way: the ReplicaSet would have said so.
    reasons = {event["reason"] for event in kubectl.get("events", "-n", namespace)["items"]}
    assert "FailedCreate" not in reasons


def test_a_deployments_refused_pods_are_explained_by_its_events(cluster, kubectl, namespace,
                                                               webhook):
    kubectl("create", "-n", namespace, "-f", "-", stdin={
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "team"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "team"}}, "template": {
            "metadata": {"labels": {"app": "team"}}, "spec": workspace(hostIPC=True)["spec"]}}})

    def failure():
        events = kubectl.get("events", "-n", namespace)["items"]
        return next((event for event in events if event["reason"] == "FailedCreate"), None)

    message = wait_for("the event", failure)["message"]
    assert 'admission webhook "mutate.cvm-webhook.io" denied the request' in message
    assert "cvm/host-namespaces: hostIPC is true" in message


@pytest.mark.parametrize("label, default_to_cvm, is_cvm", [
    (None, True, True), ("true", True, True), ("false", True, False),
    (None, False, False), ("true", False, True), ("false", False, False),
])
def test_a_pods_label_chooses_before_the_default(cluster, kubectl, namespace, label,
                                                 default_to_cvm, is_cvm):
    cluster.use({"defaultToCvm": default_to_cvm})
    labels = {"cvm-webhook.io/cvm": label} if label else None
    assert _is_cvm(kubectl.created(namespace, workspace(labels=labels))) is is_cvm


def test_a_pod_that_opted_out_is_stored_as_it_was(cluster, kubectl, namespace, other_namespace,
                                                 webhook):
    pod = full_workspace()
    pod["metadata"]["labels"]["cvm-webhook.io/cvm"] = "false"
    pod["spec"]["shareProcessNamespace"] = True  # not ours to judge
    plain = comparable(kubectl.created(other_namespace, pod))
    kubectl.created(namespace, pod)
    stored = comparable(kubectl.get("pod", "alice-dev", "-n", namespace))
    assert differences(plain, stored) == []
    annotations = _audited(cluster, namespace)
    assert ANNOTATION.format(0) not in annotations, "the match condition saves the call"
    assert annotations["validate.cvm-webhook.io/decision"] == "untouched"


@pytest.mark.parametrize("spec", [{"hostNetwork": True}, {"hostPID": True}, {"hostIPC": True},
                                  {"volumes": [{"name": "node", "hostPath": {"path": "/"}}]},
                                  {"container": {"securityContext": {"privileged": True}}}])
def test_a_pod_that_opted_out_does_not_get_at_the_node(kubectl, namespace, webhook, spec):
    """Users may choose that label, so it must not be their way to the others' CVMs."""
    outcome = kubectl.create(namespace, workspace(labels={"cvm-webhook.io/cvm": "false"}, **spec))
    assert not outcome.ok
    assert "cvm/host-namespaces: " in outcome.stderr or "cvm/privileged-workspace: " in outcome.stderr


def test_only_pods_that_the_selector_matches_are_workspaces(cluster, kubectl, namespace):
    cluster.use({"workspaces": {"selector": {"matchLabels": {"com.coder.resource": "true"}}}})
    assert not _is_cvm(kubectl.created(namespace, workspace("plain")))
    chosen = workspace("chosen", labels={"com.coder.resource": "true"})
    assert _is_cvm(kubectl.created(namespace, chosen))


def test_a_namespace_without_the_label_is_untouched(cluster, kubectl, other_namespace, webhook):
    before = len(webhook.log_lines())
    pod = kubectl.created(other_namespace, workspace(hostPID=True))
    assert not _is_cvm(pod)
    annotations = cluster.control_plane.audit_events(other_namespace)[0].get("annotations", {})
    assert not [key for key in annotations if "cvm-webhook" in key or "mutation.webhook" in key]
    assert len(webhook.log_lines()) == before, "the webhook was not even called"


def test_namespaces_of_the_system_and_the_webhook_are_untouched_whatever_their_labels(
        kubectl, other_namespace, webhook):
    kubectl("wait", "--for=create", "--timeout=20s", "-n", "kube-system", "serviceaccount/default")
    labelled = ("kube-system", "cvm-system", other_namespace)
    for name in labelled:
        kubectl("label", "namespace", name, "cvm-webhook.io/workspaces=enabled")
    try:
        # Labelled last: when the API server knows this one, it knows the others.
        wait_for("a CVM", lambda: _is_cvm(
            kubectl.created(other_namespace, workspace(), "--dry-run=server")))
        pod = workspace("untouched")
        assert not _is_cvm(kubectl.created("kube-system", pod, "--dry-run=server"))
        pod = kubectl.get("pods", "-n", "cvm-system")["items"][0]
        pod["metadata"] = {"name": "untouched"}
        assert not _is_cvm(kubectl.created("cvm-system", pod, "--dry-run=server"))
    finally:
        for name in labelled:
            kubectl("label", "namespace", name, "cvm-webhook.io/workspaces-")


def test_a_namespace_that_is_labelled_later_takes_part_from_then_on(kubectl, other_namespace,
                                                                    webhook):
    assert not _is_cvm(kubectl.created(other_namespace, workspace("before")))
    kubectl("label", "namespace", other_namespace, "cvm-webhook.io/workspaces=enabled")
    wait_for("a CVM", lambda: _is_cvm(
        kubectl.created(other_namespace, workspace("after"), "--dry-run=server")))


def test_the_workspace_container_is_the_one_that_the_pod_names(kubectl, namespace, webhook):
    pod = workspace(annotations={"cvm-webhook.io/workspace-container": "second"})
    pod["spec"]["containers"].append({"name": "second", "image": "second:1", "workingDir": "/two"})
    environment = {variable["name"]: variable.get("value")
                   for variable in supervisor_of(kubectl.created(namespace, pod))["env"]}
    assert environment["CODER_INNER_IMAGE"] == "second:1"
    assert environment["CODER_INNER_WORK_DIR"] == "/two"


def test_a_limit_range_may_add_to_the_supervisor(kubectl, namespace, webhook):
    kubectl("create", "-n", namespace, "-f", "-", stdin={
        "apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "defaults"},
        "spec": {"limits": [{"type": "Container", "default": {"cpu": "1", "memory": "1Gi"},
                             "defaultRequest": {"cpu": "50m"}}]}})
    pod = wait_for("the limit range", lambda: (
        lambda pod: pod if supervisor_of(pod)["resources"].get("limits") else None)(
            kubectl.created(namespace, workspace(), "--dry-run=server")))
    assert supervisor_of(pod)["resources"] == {
        "requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}


def test_pods_of_other_operations_are_left_alone(kubectl, namespace, webhook):
    kubectl.created(namespace, workspace())
    kubectl("label", "pod", "dev", "-n", namespace, "team=blue")
    kubectl("delete", "pod", "dev", "-n", namespace, "--force", "--grace-period=0")
