"""Named profiles of one settings file on a real API server: who is given which, and for how long."""

import json

import pytest
from harness import policies
from harness.cluster import WORKSPACES
from harness.pods import supervisor_of, workspace
from harness.processes import wait_for

PROFILE = "cvm-webhook.io/profile"
POOL_CLASS = "cvm-pool"
POOL_IMAGE = "registry.example.com/envbox:pool"
# `pool` is for namespaces, `cached` for pods.
POOL = {"name": "pool", "chosenBy": ["namespace"], "settings": {
    "runtimeClassName": POOL_CLASS, "supervisor": {"image": POOL_IMAGE}}}
CACHED = {"name": "cached", "chosenBy": ["pod"], "settings": {"caching": True}}
SETTINGS = {"profiles": [POOL, CACHED]}


@pytest.fixture(scope="module")
def pool(cluster):
    """The cluster with the RuntimeClass and the supervisor image of `pool`."""
    kubectl = cluster.kubectl
    cluster.use()
    shipped = policies.parameters(kubectl)["data"]["supervisorImages"].splitlines()
    kubectl("apply", "-f", "-", stdin={
        "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": POOL_CLASS},
        "handler": "runc", "overhead": {"podFixed": {"cpu": "50m"}},
        "scheduling": {"nodeSelector": {"pool": "cvm"}}})
    with policies.supervisor_images(kubectl, cluster.new_namespace(WORKSPACES), *shipped, POOL_IMAGE):
        yield cluster
    kubectl("delete", "runtimeclass", POOL_CLASS)


def _knows(cluster, instance, namespace: str):
    """The watch tells the instance of a namespace a moment after it was made."""
    wait_for("the webhook to know the namespace", lambda: "are not known yet" not in
             cluster.kubectl.create(namespace, workspace("probe"), "--dry-run=server").stderr)
    wait_for("the webhook to know the RuntimeClass", lambda: (
        f"profile pool: {POOL_CLASS}, handler runc" in instance.ops("/readyz?verbose")[1]))


@pytest.fixture
def instance(pool):
    return pool.use(SETTINGS)


@pytest.fixture
def plain(pool, instance) -> str:
    """A namespace that asks for no profile."""
    namespace = pool.new_namespace(WORKSPACES)
    _knows(pool, instance, namespace)
    return namespace


@pytest.fixture
def of_pool(pool, instance) -> str:
    """A namespace that asks for `pool`."""
    namespace = pool.new_namespace({**WORKSPACES, PROFILE: "pool"})
    _knows(pool, instance, namespace)
    return namespace


def _asking_for(profile: str, name: str = "dev", **more) -> dict:
    return workspace(name, labels={PROFILE: profile}, **more)


def _made(pod: dict) -> tuple:
    """The profile, the RuntimeClass, the supervisor's image and the number of the plan's volumes."""
    volumes = [item for item in pod["spec"]["volumes"] if item["name"].startswith("cvm-")]
    return (pod["metadata"]["annotations"].get(PROFILE), pod["spec"]["runtimeClassName"],
            supervisor_of(pod)["image"], len(volumes))


SHIPPED_IMAGE = "ghcr.io/coder/envbox:latest"


def test_one_cluster_has_three_kinds_of_cvms(kubectl, plain, of_pool):
    assert _made(kubectl.created(plain, workspace())) == (None, "cvm", SHIPPED_IMAGE, 5)
    assert _made(kubectl.created(plain, _asking_for("cached", "kept"))) == (
        "cached", "cvm", SHIPPED_IMAGE, 6)
    pod = kubectl.created(of_pool, workspace())
    assert _made(pod) == ("pool", POOL_CLASS, POOL_IMAGE, 5)
    assert pod["spec"]["overhead"] == {"cpu": "50m"}
    assert _made(kubectl.created(of_pool, _asking_for("cached", "kept"))) == (
        "cached", "cvm", SHIPPED_IMAGE, 6)


def test_a_namespace_can_be_given_another_profile(kubectl, plain):
    kubectl("label", "namespace", plain, f"{PROFILE}=pool")
    wait_for("the label", lambda: _made(
        kubectl.created(plain, workspace(), "--dry-run=server"))[0] == "pool")
    kubectl("label", "namespace", plain, f"{PROFILE}-")
    wait_for("the label to go", lambda: _made(
        kubectl.created(plain, workspace(), "--dry-run=server"))[0] is None)


def test_users_choose_only_what_they_may(kubectl, plain):
    outcome = kubectl.create(plain, _asking_for("pool"))
    assert not outcome.ok
    assert (f'cvm/profile-choice: the label {PROFILE} asks for profile "pool", which is not for pods to '
            "choose; set it to cached, or remove it, or ask your cluster administrator to label the "
            "namespace with it") in outcome.stderr
    assert 'profile "pol", which does not exist; set it to cached' in kubectl.create(
        plain, _asking_for("pol")).stderr
    forged = workspace(annotations={PROFILE: "pool"})
    assert "cvm/reserved-name: annotation" in kubectl.create(plain, forged).stderr
    assert kubectl.get("pods", "-n", plain)["items"] == []


def test_a_namespace_with_a_wrong_label_makes_no_workspaces(pool, kubectl, instance):
    namespace = pool.new_namespace({**WORKSPACES, PROFILE: "cached"})
    _knows(pool, instance, namespace)
    outcome = kubectl.create(namespace, workspace())
    assert not outcome.ok
    assert (f'cvm/profile-choice: namespace "{namespace}" is labelled {PROFILE}=cached and that profile '
            "is not for namespaces to choose; ask your cluster administrator to label it pool, or to "
            "remove the label") in outcome.stderr


def test_a_deployment_is_told_what_its_pods_would_be_told(kubectl, plain):
    deployment = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "dev"},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "dev"}}, "template": {
            "metadata": {"labels": {"app": "dev", PROFILE: "pool"}}, "spec": workspace()["spec"]}}}
    outcome = kubectl.create(plain, deployment)
    assert outcome.ok
    assert "Warning: cvm/profile-choice: the label" in outcome.stderr


@pytest.mark.parametrize("subresource", [(), ("--subresource=status",)], ids=["pod", "status"])
@pytest.mark.parametrize("value", ["pool", None])
@pytest.mark.parametrize("where", ["labels", "annotations"])
def test_a_running_cvm_keeps_its_profile(kubectl, plain, where, value, subresource):
    kubectl.created(plain, _asking_for("cached"))
    outcome = kubectl.try_run("patch", "pod", "dev", "-n", plain, *subresource, "--type=merge",
                              "--patch", json.dumps({"metadata": {where: {PROFILE: value}}}))
    assert not outcome.ok and "cvm/plan-changed: " in outcome.stderr
    stored = kubectl.get("pod", "dev", "-n", plain)["metadata"]
    assert stored["labels"][PROFILE] == stored["annotations"][PROFILE] == "cached"


def test_the_audit_log_names_the_profile(cluster, kubectl, of_pool):
    kubectl.created(of_pool, workspace())

    def noted():
        return [event for event in cluster.control_plane.audit_events(of_pool) if event.get(
            "annotations", {}).get("validate.cvm-webhook.io/profile") == "pool"]
    assert wait_for("the audit log", noted)


def test_a_profile_that_is_gone_leaves_its_cvms_changeable(pool, kubectl):
    instance = pool.webhooks.start(SETTINGS)
    pool.balancer.route_to(instance)
    namespace = pool.new_namespace({**WORKSPACES, PROFILE: "pool"})
    _knows(pool, instance, namespace)
    try:
        kubectl.created(namespace, workspace())
        instance.write_settings({**instance.settings, "profiles": [CACHED]})
        outcome = wait_for("the settings", lambda: (lambda outcome: None if outcome.ok else outcome)(
            kubectl.create(namespace, workspace("other"), "--dry-run=server")))
        assert "and there is no such profile" in outcome.stderr

        kubectl("label", "pod", "dev", "-n", namespace, "team=a")
        kubectl("set", "image", "pod/dev", "-n", namespace, "dev=example.com/other:1")
        refused = kubectl.try_run("set", "image", "pod/dev", "-n", namespace, "cvm-supervisor=mine:1")
        assert "cvm/plan-changed: " in refused.stderr
        refused = kubectl.try_run("label", "pod", "dev", "-n", namespace, f"{PROFILE}=cached")
        assert "cvm/plan-changed: " in refused.stderr
        refused = kubectl.try_run("exec", "-n", namespace, "dev", "-c", "cvm-supervisor", "--", "id")
        assert "cvm/supervisor-access: " in refused.stderr
        assert _made(kubectl.get("pod", "dev", "-n", namespace))[0] == "pool"
    finally:
        pool.balancer.route_to()
        instance.stop()


def test_a_mistake_in_a_profile_keeps_the_old_settings(pool, kubectl):
    instance = pool.webhooks.start(SETTINGS)
    pool.balancer.route_to(instance)
    try:
        instance.write_settings({**instance.settings, "profiles": [
            {**POOL, "settings": {"cachng": True}}]})
        wait_for("the report", lambda: "profiles[0].settings.cachng: unknown key; did you mean caching?"
                 in instance.ops("/readyz?verbose")[1])
        namespace = pool.new_namespace({**WORKSPACES, PROFILE: "pool"})
        _knows(pool, instance, namespace)
        assert _made(kubectl.created(namespace, workspace()))[0] == "pool"
    finally:
        pool.balancer.route_to()
        instance.stop()


def test_the_runtime_class_of_each_profile_is_looked_at(pool, instance):
    assert (f"[+]runtimeClass ok: cvm, handler runc; profile pool: {POOL_CLASS}, handler runc; "
            "profile cached: cvm, handler runc\n") in wait_for("the classes", lambda: (
                lambda text: text if POOL_CLASS + ", handler" in text else None)(
                    instance.ops("/readyz?verbose")[1]))
