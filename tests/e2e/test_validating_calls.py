"""Which calls of a namespace's life reach the webhook, and which are kept away from it.

What it decides about them is another matter: here they are counted in its log.
"""

import copy
import itertools

import pytest
from harness.pods import workspace
from harness.processes import wait_for

# Nobody schedules these pods, so nobody but the test changes them.
BY_HAND = {"schedulerName": "by-hand"}


@pytest.fixture
def calls(cluster, kubectl, namespace):
    """calls(action): the calls that `action` makes, as the webhook's log has them, in order.

    An instance of the test's own, so that nobody else's calls are among them. No pod is a CVM
    unless it asks for it.
    """
    instance = cluster.webhooks.start({"defaultToCvm": False})
    cluster.balancer.route_to(instance)

    marks = itertools.count()

    def decisions() -> list[tuple[str, str]]:
        """(the pod or other object, the call)"""
        return [(line["name"], f"{line['operation']} {line['resource']}")
                for line in instance.log_lines()
                if line.get("msg") == "decision" and line["endpoint"] == "validate"
                and line["namespace"] == namespace]

    def mark() -> tuple[str, str]:
        """A call of its own, which comes after all before it, in the log too."""
        name = f"mark-{next(marks)}"
        kubectl.created(namespace, workspace(name), "--dry-run=server")
        call = (name, "CREATE pods")
        wait_for("the log", lambda: call in decisions())
        return call

    def during(action) -> list[str]:
        first = mark()
        action()
        last = mark()
        seen = decisions()
        return [call for _, call in seen[seen.index(first) + 1:seen.index(last)]]

    yield during
    instance.stop()


def _patch(kubectl, namespace: str, what: str, name: str, change: str, *more):
    return lambda: kubectl("patch", what, name, "-n", namespace, "--type=merge", "-p", change, *more)


def test_changes_of_a_pod_are_asked_about(kubectl, namespace, calls):
    kubectl.created(namespace, workspace(**BY_HAND))
    assert calls(lambda: kubectl("label", "pod", "dev", "-n", namespace, "team=blue")) == [
        "UPDATE pods"]
    assert calls(lambda: kubectl("debug", "dev", "-n", namespace, "--image=busybox",
                                 "--profile=baseline")) == ["UPDATE pods/ephemeralcontainers"]
    resize = '{"spec":{"containers":[{"name":"dev","resources":{"limits":{"cpu":"3"}}}]}}'
    assert calls(lambda: kubectl("patch", "pod", "dev", "-n", namespace, "--subresource=resize",
                                 "-p", resize)) == ["UPDATE pods/resize"]


def test_a_pods_status_is_asked_about_only_with_its_labels_or_annotations(kubectl, namespace, calls):
    kubectl.created(namespace, workspace(**BY_HAND))

    def status(change: str):
        return calls(_patch(kubectl, namespace, "pod", "dev", change, "--subresource=status"))

    assert status('{"status":{"message":"pulling"}}') == []
    assert status('{"metadata":{"labels":{"team":"blue"}}}') == ["UPDATE pods/status"]
    assert status('{"metadata":{"labels":{"team":"blue"}},"status":{"message":"pulled"}}') == []
    assert status('{"metadata":{"labels":{"team":null}}}') == ["UPDATE pods/status"]
    assert status('{"metadata":{"annotations":{"note":"x"}}}') == ["UPDATE pods/status"]
    assert status('{"metadata":{"annotations":{"note":null}},"status":{"message":"x"}}') == [
        "UPDATE pods/status"]


def test_the_ways_into_a_pod_are_asked_about(cluster, kubectl, namespace, calls):
    kubectl.created(namespace, workspace(**BY_HAND))

    def enter(action) -> set:
        """kubectl makes some of these calls twice, by WebSocket and by SPDY."""
        return set(calls(action))

    assert enter(lambda: kubectl.try_run("exec", "-n", namespace, "dev", "--", "true")) == {
        "CONNECT pods/exec"}
    # For the others kubectl first waits for a container that runs.
    path = f"/api/v1/namespaces/{namespace}/pods/dev"
    for way in ("attach?stdout=true", "portforward?ports=80", "proxy/"):
        assert enter(lambda: kubectl.try_run("create", "--raw", f"{path}/{way}", "-f", "-")) == {
            f"CONNECT pods/{way.partition('?')[0].rstrip('/')}"}


def test_both_paths_of_a_binding_are_asked_about(kubectl, namespace, calls):
    binding = ('{"apiVersion":"v1","kind":"Binding","metadata":{"name":"%s"},'
               '"target":{"apiVersion":"v1","kind":"Node","name":"cvm-1"}}')
    for name, path, resource in (("new", "pods/new/binding", "pods/binding"),
                                 ("old", "bindings", "bindings")):
        kubectl.created(namespace, workspace(name, **BY_HAND))
        assert calls(lambda: kubectl(
            "create", "--raw", f"/api/v1/namespaces/{namespace}/{path}", "-f", "-",
            stdin=binding % name)) == [f"CREATE {resource}"]


def _template() -> dict:
    return {"metadata": {"labels": {"app": "team"}},
            "spec": {**workspace()["spec"], **BY_HAND, "restartPolicy": "Always"}}


def _once(template: dict) -> dict:
    return {**template, "spec": {**template["spec"], "restartPolicy": "Never"}}


_SELECTOR = {"matchLabels": {"app": "team"}}
_IMAGE = '{"containers":[{"name":"dev","image":"mine:2"}]}'
# resource -> (apiVersion, kind, spec or more, a change of its template, another change)
WORKLOADS = {
    "deployments": ("apps/v1", "Deployment", {"spec": {
        "replicas": 0, "selector": _SELECTOR, "template": _template()}},
        '{"spec":{"template":{"spec":%s}}}' % _IMAGE, '{"spec":{"minReadySeconds":1}}'),
    "statefulsets": ("apps/v1", "StatefulSet", {"spec": {
        "replicas": 0, "serviceName": "x", "selector": _SELECTOR, "template": _template()}},
        '{"spec":{"template":{"spec":%s}}}' % _IMAGE, '{"spec":{"minReadySeconds":1}}'),
    "daemonsets": ("apps/v1", "DaemonSet", {"spec": {
        "selector": _SELECTOR, "template": _template()}},
        '{"spec":{"template":{"spec":%s}}}' % _IMAGE, '{"spec":{"minReadySeconds":1}}'),
    "replicasets": ("apps/v1", "ReplicaSet", {"spec": {
        "replicas": 0, "selector": _SELECTOR, "template": _template()}},
        '{"spec":{"template":{"spec":%s}}}' % _IMAGE, '{"spec":{"minReadySeconds":1}}'),
    "replicationcontrollers": ("v1", "ReplicationController", {"spec": {
        "replicas": 0, "selector": {"app": "team"}, "template": _template()}},
        '{"spec":{"template":{"spec":%s}}}' % _IMAGE, '{"spec":{"minReadySeconds":1}}'),
    "podtemplates": ("v1", "PodTemplate", {"template": _template()},
                     '{"template":{"spec":%s}}' % _IMAGE, '{"metadata":{"labels":{"a":"b"}}}'),
    "jobs": ("batch/v1", "Job", {"spec": {"suspend": True, "template": _once(_template())}},
             # Nothing else of a Job's template can be changed.
             '{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}}}',
             '{"spec":{"parallelism":2}}'),
    "cronjobs": ("batch/v1", "CronJob", {"spec": {
        "schedule": "0 0 1 1 *", "suspend": True,
        "jobTemplate": {"spec": {"template": _once(_template())}}}},
        '{"spec":{"jobTemplate":{"spec":{"template":{"spec":%s}}}}}' % _IMAGE,
        '{"spec":{"schedule":"0 0 2 1 *"}}'),
}


@pytest.mark.parametrize("resource", WORKLOADS)
def test_a_template_is_asked_about_when_it_is_new_or_changed(kubectl, namespace, calls, resource):
    version, kind, body, of_template, other = WORKLOADS[resource]
    item = {"apiVersion": version, "kind": kind, "metadata": {"name": "team"}, **body}
    assert calls(lambda: kubectl("create", "-n", namespace, "-f", "-", stdin=item)) == [
        f"CREATE {resource}"]
    assert calls(_patch(kubectl, namespace, resource, "team", other)) == []
    assert calls(_patch(kubectl, namespace, resource, "team",
                        '{"metadata":{"annotations":{"note":"x"}}}')) == []
    assert calls(_patch(kubectl, namespace, resource, "team", of_template)) == [
        f"UPDATE {resource}"]


def test_what_a_judged_owner_makes_is_not_asked_about(kubectl, namespace, calls):
    def owned(kind: str, name: str, by: str, api: str, controller=True) -> dict:
        resource = {"ReplicaSet": "replicasets", "Job": "jobs"}[kind]
        version, _, body, *_ = WORKLOADS[resource]
        return {"apiVersion": version, "kind": kind, **copy.deepcopy(body), "metadata": {
            "name": name, "ownerReferences": [{"apiVersion": api, "kind": by, "name": "x",
                                               "uid": "0", "controller": controller}]}}

    def create(item: dict):
        return calls(lambda: kubectl("create", "-n", namespace, "-f", "-", "--dry-run=server",
                                     stdin=item))

    assert create(owned("ReplicaSet", "a", "Deployment", "apps/v1")) == []
    assert create(owned("Job", "b", "CronJob", "batch/v1")) == []
    assert create(owned("ReplicaSet", "c", "Rollout", "argoproj.io/v1alpha1")) == [
        "CREATE replicasets"]
    assert create(owned("Job", "d", "Workflow", "argoproj.io/v1alpha1")) == ["CREATE jobs"]
    assert create(owned("ReplicaSet", "e", "Deployment", "apps/v1", controller=False)) == [
        "CREATE replicasets"]


def test_a_namespace_is_asked_about_when_it_leaves(kubectl, namespace, calls):
    def patch(change: str, *more):
        return calls(lambda: kubectl("patch", "namespace", namespace, "-p", change,
                                     "--dry-run=server", *more))

    def labels(change: str) -> str:
        return '{"metadata":{"labels":%s}}' % change

    assert patch(labels('{"team":"blue"}')) == []
    assert patch(labels('{"cvm-webhook.io/workspaces":null}')) == ["UPDATE namespaces"]
    assert patch(labels('{"cvm-webhook.io/workspaces":"no"}')) == ["UPDATE namespaces"]
    assert patch(labels('{"cvm-webhook.io/workspaces":null}'), "--subresource=status") == [
        "UPDATE namespaces/status"]


def test_a_namespace_that_never_took_part_is_not_asked_about(kubectl, namespace, other_namespace,
                                                            webhook):
    kubectl("label", "namespace", other_namespace, "team=blue")
    kubectl("label", "namespace", other_namespace, "team-")
    kubectl.created(namespace, workspace(), "--dry-run=server")

    def decided_in(name: str) -> list[dict]:
        return [line for line in webhook.log_lines() if line.get("namespace") == name]

    wait_for("the later call in the log", lambda: decided_in(namespace))
    assert decided_in(other_namespace) == []


def test_templates_are_taken_while_the_webhook_is_down(cluster, kubectl, namespace, webhook):
    """Their answers are advice; the pods themselves wait (test_tampering.py)."""
    cluster.balancer.route_to()
    version, kind, body, *_ = WORKLOADS["deployments"]
    kubectl("create", "-n", namespace, "-f", "-", stdin={
        "apiVersion": version, "kind": kind, "metadata": {"name": "team"}, **body})
    outcome = kubectl.try_run("label", "namespace", namespace, "cvm-webhook.io/workspaces-")
    assert not outcome.ok
    assert 'failed calling webhook "namespaces.cvm-webhook.io"' in outcome.stderr
