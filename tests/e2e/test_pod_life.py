"""What becomes of a CVM after its creation: who may do what to it, and what kubectl says early."""

import contextlib
import copy

import pytest
from harness import policies
from harness.pods import workspace
from harness.processes import wait_for

ON_CALL = ("--as=oncall", "--as-group=sre", "--as-group=system:masters")
BREAK_GLASS = {"isolation": {"breakGlass": {"groups": ["sre"]}}}


def _exec(kubectl, namespace, *flags, container="cvm-supervisor"):
    return kubectl.try_run("exec", "-n", namespace, "dev", "-c", container, *flags, "--", "id")


def _warning_of_exec(control_plane, namespace: str) -> str:
    """What the API server warns who is on call of; kubectl does not show it when it connects."""
    with contextlib.closing(control_plane.connection()) as connection:
        connection.putrequest("POST", f"/api/v1/namespaces/{namespace}/pods/dev/exec"
                              "?container=cvm-supervisor&command=id&stdout=true")
        for name, value in (*control_plane.authorization().items(), ("Impersonate-User", "oncall"),
                            ("Impersonate-Group", "sre"), ("Impersonate-Group", "system:masters")):
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        assert b"denied" not in response.read()
        return response.headers.get("Warning", "")


def _wait_until_bound(kubectl, namespace):
    wait_for("the pod to be bound", lambda: kubectl.get(
        "pod", "dev", "-n", namespace)["spec"].get("nodeName"))


@pytest.fixture
def cvm(kubectl, namespace, webhook) -> str:
    """The namespace of a CVM `dev` that runs on a node."""
    kubectl.created(namespace, workspace())
    _wait_until_bound(kubectl, namespace)
    return namespace


@pytest.fixture
def policies_know_on_call(kubectl, cvm):
    """The policies' parameters with the group, as an overlay has them beside the settings."""
    shipped = policies.parameters(kubectl)
    kubectl("apply", "-f", "-", stdin={
        **shipped, "data": {**shipped["data"], "breakGlassGroups": "sre\n"}})
    wait_for("the parameter", lambda: policies.POLICY not in _exec(kubectl, cvm, *ON_CALL).stderr)
    yield
    kubectl("apply", "-f", "-", stdin=shipped)
    wait_for("the shipped parameters", lambda: policies.POLICY in _exec(kubectl, cvm, *ON_CALL).stderr)


def test_who_may_break_the_glass_is_warned_counted_and_noted(cluster, kubectl, cvm,
                                                             policies_know_on_call):
    instance = cluster.use(BREAK_GLASS)
    before = instance.metric("cvm_webhook_break_glass_total")
    assert 'cvm/supervisor-access: container \\"cvm-supervisor\\" is the CVM' in _warning_of_exec(
        cluster.control_plane, cvm)
    assert instance.metric("cvm_webhook_break_glass_total") > before

    def noted():
        return [event for event in cluster.control_plane.audit_events(cvm)
                if event.get("annotations", {}).get("validate.cvm-webhook.io/break-glass")]
    event = wait_for("the audit log", noted)[-1]
    assert event["impersonatedUser"]["username"] == "oncall"
    assert event["annotations"]["validate.cvm-webhook.io/rules"] == "supervisor-access=warn"

    others = _exec(kubectl, cvm)
    assert "denied" in others.stderr and "cvm/supervisor-access: " in others.stderr


def test_who_may_break_the_glass_may_change_the_supervisor(cluster, kubectl, cvm,
                                                           policies_know_on_call):
    cluster.use(BREAK_GLASS)
    change = ("set", "image", "pod/dev", "-n", cvm, "cvm-supervisor=example.com/repaired:1")
    assert "cvm/plan-changed: " in kubectl.try_run(*change).stderr
    outcome = kubectl.try_run(*change, *ON_CALL)
    assert outcome.ok, outcome.stderr
    assert "Warning: cvm/plan-changed: " in outcome.stderr


def test_a_settings_change_leaves_running_pods_changeable(cluster, kubectl, cvm):
    cluster.use({"caching": True, "supervisor": {"image": "example.com/envbox:next"},
                 "runtimeClassName": "cvm", "isolation": {"podSecurity": "restricted"}})
    kubectl("label", "pod", "dev", "-n", cvm, "team=a")
    kubectl("annotate", "pod", "dev", "-n", cvm, "note=b")
    outcome = kubectl.try_run("label", "pod", "dev", "-n", cvm, "cvm-webhook.io/cvm=false", "--overwrite")
    assert "cvm/" in outcome.stderr and not outcome.ok


def test_a_pod_that_no_watch_told_of_is_asked_for(cluster, kubectl, namespace):
    """A pod that is no CVM is not kept, so each call into it asks the API server."""
    instance = cluster.use()
    kubectl.created(namespace, workspace(labels={"cvm-webhook.io/cvm": "false"}))
    _wait_until_bound(kubectl, namespace)
    before = instance.metric("cvm_webhook_pod_lookups_total", result="found")
    outcome = _exec(kubectl, namespace, container="dev")
    assert "denied the request" not in outcome.stderr
    assert instance.metric("cvm_webhook_pod_lookups_total", result="found") > before


def test_a_call_is_refused_while_the_pod_cannot_be_asked_for(cluster, kubectl, namespace):
    instance = cluster.use()
    kubectl.created(namespace, workspace(labels={"cvm-webhook.io/cvm": "false"}))
    role = kubectl.get("clusterrole", "cvm-webhook")
    without_get = copy.deepcopy(role)
    for rule in without_get["rules"]:
        if "pods" in rule["resources"]:
            rule["verbs"] = [verb for verb in rule["verbs"] if verb != "get"]
    kubectl("replace", "-f", "-", stdin=without_get)
    try:
        outcome = wait_for("the refusal", lambda: (
            lambda outcome: outcome if "cvm/pod-unknown" in outcome.stderr else None)(
                _exec(kubectl, namespace, container="dev")))
        assert "it could not be learnt from the API server whether pod" in outcome.stderr
        assert "; try again" in outcome.stderr
        assert instance.metric("cvm_webhook_pod_lookups_total", result="failed") > 0
    finally:
        role["metadata"].pop("resourceVersion")
        kubectl("replace", "-f", "-", stdin=role)
    wait_for("the right to read pods", lambda: "cvm/pod-unknown" not in _exec(
        kubectl, namespace, container="dev").stderr)


def test_a_namespace_keeps_its_label_while_it_holds_cvms(kubectl, cvm):
    leave = ("label", "namespace", cvm, "cvm-webhook.io/workspaces-")
    outcome = kubectl.try_run(*leave)
    assert not outcome.ok
    assert (f'cvm/namespace-label: namespace "{cvm}" holds CVMs and without the label '
            "cvm-webhook.io/workspaces=enabled nobody keeps users away from their supervisors; delete "
            "its CVM pods first") in outcome.stderr
    kubectl("label", "namespace", cvm, "team=a")
    kubectl("delete", "pod", "dev", "-n", cvm, "--grace-period=0", "--force",
            "--wait=false")
    wait_for("the label to go", lambda: kubectl.try_run(*leave).ok)


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_a_namespace_whose_level_refuses_supervisors_is_named(kubectl, namespace, webhook, level):
    kubectl("label", "namespace", namespace, f"pod-security.kubernetes.io/enforce={level}")

    def warned():
        outcome = kubectl.create(namespace, workspace(), "--dry-run=server")
        return outcome if "cvm/namespace-pod-security" in outcome.stderr else None
    outcome = wait_for("the warning", warned)
    assert not outcome.ok and "violates PodSecurity" in outcome.stderr
    assert (f'Warning: cvm/namespace-pod-security: namespace "{namespace}" enforces Pod Security level '
            f"{level}") in outcome.stderr
    assert "pod-security.kubernetes.io/enforce=privileged" in outcome.stderr
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=privileged", "--overwrite")
    wait_for("the CVM to be admitted", lambda: kubectl.create(namespace, workspace(), "--dry-run=server").ok)


# What pods are made by

def _of(kind: str, pod_spec: dict) -> dict:
    template = {"metadata": {"labels": {"app": "dev"}}, "spec": pod_spec}
    job = {"template": {**template, "spec": {**pod_spec, "restartPolicy": "Never"}}}
    selector = {"matchLabels": {"app": "dev"}}
    version, body = {
        "Deployment": ("apps/v1", {"spec": {"replicas": 0, "selector": selector, "template": template}}),
        "StatefulSet": ("apps/v1", {"spec": {"replicas": 0, "serviceName": "dev", "selector": selector,
                                             "template": template}}),
        "DaemonSet": ("apps/v1", {"spec": {"selector": selector, "template": template}}),
        "ReplicaSet": ("apps/v1", {"spec": {"replicas": 0, "selector": selector, "template": template}}),
        "Job": ("batch/v1", {"spec": job}),
        "CronJob": ("batch/v1", {"spec": {"schedule": "@daily", "jobTemplate": {"spec": job}}}),
        "PodTemplate": ("v1", {"template": template}),
        "ReplicationController": ("v1", {"spec": {"replicas": 0, "template": template}}),
    }[kind]
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "dev"}, **body}


KINDS = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "PodTemplate",
         "ReplicationController"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_makes_pods_is_told_what_they_would_be_told(kubectl, namespace, webhook, kind):
    good = workspace()["spec"]
    outcome = kubectl.create(namespace, _of(kind, good), "--dry-run=server")
    assert outcome.ok and "cvm/" not in outcome.stderr, outcome.stderr
    outcome = kubectl.create(namespace, _of(kind, {**good, "hostPID": True}), "--dry-run=server")
    assert outcome.ok, outcome.stderr
    assert "Warning: cvm/host-namespaces: hostPID is true" in outcome.stderr


def test_a_deployment_is_refused_where_the_settings_say_so(cluster, kubectl, namespace):
    cluster.use({"isolation": {"templates": "deny"}})
    spec = {**workspace()["spec"], "shareProcessNamespace": True}
    outcome = kubectl.create(namespace, _of("Deployment", spec))
    assert not outcome.ok
    assert ('admission webhook "templates.cvm-webhook.io" denied the request: '
            "cvm/shared-process-namespace: ") in outcome.stderr
    assert kubectl.get("deployments", "-n", namespace)["items"] == []


def test_a_change_of_a_deployment_is_told_only_what_is_new(cluster, kubectl, namespace, webhook):
    spec = {**workspace()["spec"], "shareProcessNamespace": True}
    assert kubectl.create(namespace, _of("Deployment", spec)).ok
    cluster.use({"isolation": {"templates": "deny"}})
    spec["containers"][0]["image"] = "example.com/other:1"
    outcome = kubectl.try_run("apply", "-n", namespace, "-f", "-", stdin=_of("Deployment", spec))
    assert outcome.ok, outcome.stderr
    assert "cvm/" not in outcome.stderr
