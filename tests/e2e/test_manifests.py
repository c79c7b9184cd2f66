"""What `kubectl apply -k manifests/base` gives a cluster."""

import copy
import json
import re
import subprocess

import pytest
from harness import manifests, policies
from harness.cluster import WORKSPACES
from harness.processes import wait_for

ACCOUNT = "system:serviceaccount:cvm-system:cvm-webhook"


def test_the_api_server_takes_every_object_as_it_ships(kubectl, cluster):
    outcome = kubectl.try_run("apply", "--dry-run=server", "-k", manifests.BASE)
    assert outcome.ok, outcome.stderr
    assert outcome.stderr == "", "no warning either"
    assert len(outcome.stdout.splitlines()) == len(manifests.build(kubectl))


@pytest.mark.parametrize("overlay", ["coder", "sysbox"])
def test_the_api_server_takes_every_object_of_an_overlay(kubectl, cluster, overlay):
    directory = manifests.BASE.parent / "overlays" / overlay
    outcome = kubectl.try_run("apply", "--dry-run=server", "-k", directory)
    assert outcome.ok, outcome.stderr
    assert len(outcome.stdout.splitlines()) == len(manifests.build(kubectl, directory))


def test_the_deployments_pods_are_admitted_under_the_restricted_standard(kubectl, cluster):
    enforced = kubectl.get("namespace", "cvm-system")["metadata"]["labels"]
    assert enforced["pod-security.kubernetes.io/enforce"] == "restricted"
    pods = wait_for("two replicas", lambda: len(kubectl.get(
        "pods", "-n", "cvm-system")["items"]) == 2 and kubectl.get("pods", "-n", "cvm-system"))
    for pod in pods["items"]:
        context = pod["spec"]["containers"][0]["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert pod["spec"]["priority"] == 2000000000


def test_the_pod_lives_longer_than_its_drain_takes(kubectl, cluster):
    spec = manifests.one(manifests.build(kubectl), "Deployment")["spec"]["template"]["spec"]
    arguments = dict(argument.split("=", 1) for argument in spec["containers"][0]["args"]
                     if "=" in argument)
    drain = sum(int(arguments[name].removesuffix("s"))
                for name in ("--drain-delay", "--drain-timeout"))
    assert drain < spec["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("verb, resource, allowed", [
    ("get", "nodes", "yes"), ("list", "nodes", "yes"), ("watch", "nodes", "yes"),
    ("patch", "nodes", "yes"), ("update", "nodes", "no"), ("create", "nodes", "no"), ("delete", "nodes", "no"),
    ("get", "nodes --subresource=proxy", "no"), ("update", "nodes --subresource=status", "no"),
    ("get", "pods", "yes"), ("list", "pods", "yes"), ("watch", "pods", "yes"),
    ("create", "pods", "no"), ("patch", "pods", "no"), ("update", "pods", "no"), ("delete", "pods", "no"),
    ("get", "pods --subresource=log", "no"), ("create", "pods --subresource=exec", "no"),
    ("create", "pods --subresource=binding", "no"),
    ("list", "namespaces", "yes"), ("watch", "namespaces", "yes"), ("get", "namespaces", "no"),
    ("patch", "namespaces", "no"),
    ("list", "persistentvolumes", "yes"), ("watch", "persistentvolumes", "yes"),
    ("get", "persistentvolumes", "no"), ("patch", "persistentvolumes", "no"),
    ("list", "persistentvolumeclaims", "no"),
    ("list", "runtimeclasses", "yes"), ("watch", "runtimeclasses", "yes"),
    ("patch", "runtimeclasses", "no"), ("list", "secrets", "no"), ("get", "secrets", "no"),
    ("list", "configmaps", "no"), ("get", "configmaps", "no"),
])
def test_the_service_account_may_read_what_it_decides_by_and_mark_nodes(kubectl, cluster, verb,
                                                                        resource, allowed):
    answer = kubectl.try_run("auth", "can-i", verb, *resource.split(), f"--as={ACCOUNT}",
                             "--all-namespaces")
    assert answer.stdout.strip() == allowed


# Of each validating webhook: operations on resources, failurePolicy, whether our label selects, and
# its match conditions.
VALIDATING = {
    "validate.cvm-webhook.io": ({
        "CREATE": {"pods", "pods/binding", "bindings"},
        "UPDATE": {"pods", "pods/ephemeralcontainers", "pods/resize"},
        "CONNECT": {"pods/exec", "pods/attach", "pods/portforward", "pods/proxy"},
    }, "Fail", True, []),
    "status.cvm-webhook.io": ({
        "UPDATE": {"pods/status"},
    }, "Fail", True, ["labels-or-annotations-changed"]),
    "templates.cvm-webhook.io": ({
        operation: {"apps/deployments", "apps/statefulsets", "apps/daemonsets", "apps/replicasets",
                    "batch/jobs", "batch/cronjobs", "podtemplates", "replicationcontrollers"}
        for operation in ("CREATE", "UPDATE")
    }, "Ignore", True, ["template-changed", "not-made-by-a-judged-owner"]),
    "namespaces.cvm-webhook.io": ({
        "UPDATE": {"namespaces", "namespaces/status", "namespaces/finalize"},
    }, "Fail", False, ["leaves"]),
}
NOT_THE_SYSTEM = [{"key": "kubernetes.io/metadata.name", "operator": "NotIn",
                   "values": ["kube-system", "kube-node-lease", "cvm-system"]}]


def _matched(webhook: dict) -> dict[str, set[str]]:
    found = {}
    for rule in webhook["rules"]:
        assert rule["apiVersions"] == ["v1"]
        for group in rule["apiGroups"]:
            for operation in rule["operations"]:
                found.setdefault(operation, set()).update(
                    f"{group}/{resource}".lstrip("/") for resource in rule["resources"])
    return found


def test_pods_become_cvms_only_when_they_are_created(kubectl, cluster):
    [webhook] = kubectl.get("MutatingWebhookConfiguration", "cvm-webhook")["webhooks"]
    assert webhook["name"] == "mutate.cvm-webhook.io"
    assert _matched(webhook) == {"CREATE": {"pods"}}
    assert webhook["namespaceSelector"] == {"matchLabels": WORKSPACES,
                                            "matchExpressions": NOT_THE_SYSTEM}
    assert webhook["failurePolicy"] == "Fail"
    assert webhook["reinvocationPolicy"] == "IfNeeded"
    _assert_good_practice(webhook)


def test_the_validating_webhooks_see_a_pods_whole_life_and_fail_closed(kubectl, cluster):
    webhooks = {webhook["name"]: webhook for webhook in kubectl.get(
        "ValidatingWebhookConfiguration", "cvm-webhook")["webhooks"]}
    assert webhooks.keys() == VALIDATING.keys()
    for name, (matched, failure_policy, by_our_label, conditions) in VALIDATING.items():
        webhook = webhooks[name]
        assert _matched(webhook) == matched, name
        assert webhook["failurePolicy"] == failure_policy, name
        assert webhook["namespaceSelector"] == {
            **({"matchLabels": WORKSPACES} if by_our_label else {}),
            "matchExpressions": NOT_THE_SYSTEM}, name
        assert [item["name"] for item in webhook.get("matchConditions", [])] == conditions, name
        _assert_good_practice(webhook)


def _assert_good_practice(webhook: dict):
    assert webhook["sideEffects"] == "None"
    assert webhook["timeoutSeconds"] == 3
    assert webhook["matchPolicy"] == "Equivalent"
    assert webhook["admissionReviewVersions"] == ["v1"]


def test_the_policies_parameters_agree_with_the_shipped_settings(kubectl, cluster):
    objects = manifests.build(kubectl)
    settings, data = manifests.shipped_settings(objects), policies.parameters(kubectl)["data"]
    supervisor = settings["supervisor"]
    assert settings["profiles"] == []
    assert data["runtimeClassNames"].splitlines() == [settings["runtimeClassName"]]
    assert data["supervisorImages"].splitlines() == [supervisor["image"]]
    assert data["supervisorCommand"].splitlines() == supervisor["command"]
    assert data["supervisorEnv"].splitlines() == [
        f"{variable['name']}={variable['value']}" for variable in supervisor["env"]]
    own = [("cvm-usr-src", "usrSrc", "/usr/src"), ("cvm-lib-modules", "libModules", "/lib/modules"),
           ("cvm-var-run", "varRun", "/var/run"), ("cvm-var-lib", "varLib", "/var/lib")]
    assert settings["hostPaths"] == {}
    assert data["hostPaths"].splitlines() == [
        f"{volume}={path}:{'/host' if key.startswith('var') else ''}{path}"
        for volume, key, path in own]
    for key, names in settings["isolation"]["breakGlass"].items():
        assert data[f"breakGlass{key.capitalize()}"].splitlines() == names
    assert settings["mode"] == "supervised" and supervisor["placement"] in ("sidecar", "container")


def test_every_policy_fails_closed_denies_and_leaves_the_system_alone(kubectl, cluster):
    shipped = policies.names(kubectl)
    assert len(shipped) == 5
    bindings = {item["metadata"]["name"]: item["spec"]
                for item in kubectl.get(policies.BINDING)["items"]}
    assert bindings.keys() == set(shipped)
    for name in shipped:
        policy = kubectl.get(policies.POLICY, name)["spec"]
        assert policy["failurePolicy"] == "Fail"
        assert policy["matchConstraints"]["matchPolicy"] == "Equivalent"
        selector = policy["matchConstraints"]["namespaceSelector"]
        assert NOT_THE_SYSTEM[0] in selector["matchExpressions"]
        outside = {"key": "cvm-webhook.io/workspaces", "operator": "NotIn", "values": ["enabled"]}
        assert (selector.get("matchLabels") == WORKSPACES) is not (
            outside in selector["matchExpressions"])
        assert bindings[name]["policyName"] == name
        assert bindings[name]["validationActions"] == ["Deny"]
        assert "matchResources" not in bindings[name]
        for validation in policy["validations"]:
            assert validation["reason"] == "Forbidden"
            told = validation.get("message") or validation["messageExpression"].strip("'")
            assert re.match(r"cvm/[a-z-]+: ", told), told
            assert "; " in told, f"{told}: what to do?"


def _type_warnings(kubectl, policy: dict) -> list:
    """What the API says of a policy's expressions, once it has looked.

    It checks validations alone, so the other expressions are added to a copy as validations.
    """
    policy = copy.deepcopy(policy)
    policy["metadata"] = {"name": f"checked-{policy['metadata']['name']}"}
    spec = policy["spec"]
    spec["validations"] += [
        {"expression": f"[{item['expression']}].size() == 1"}
        for item in [*spec.get("variables", []), *spec.get("matchConditions", [])]]
    kubectl("create", "-f", "-", stdin=policy)

    def status():
        stored = kubectl.get(policies.POLICY, policy["metadata"]["name"])
        found = stored.get("status", {})
        done = found.get("observedGeneration") == stored["metadata"]["generation"]
        return found if done and "typeChecking" in found else None

    try:
        return wait_for("the type check", status)["typeChecking"].get("expressionWarnings", [])
    finally:
        kubectl("delete", policies.POLICY, policy["metadata"]["name"])


def test_the_policies_expressions_are_of_the_right_types(kubectl, cluster):
    objects = manifests.build(kubectl)
    assert {name: _type_warnings(kubectl, manifests.one(objects, policies.POLICY, name))
            for name in policies.names(kubectl)} == dict.fromkeys(policies.names(kubectl), [])
    for name in policies.names(kubectl):
        stored = wait_for("the type check", lambda: kubectl.get(
            policies.POLICY, name)["status"]["typeChecking"] is not None and kubectl.get(
                policies.POLICY, name))
        assert "expressionWarnings" not in stored["status"]["typeChecking"]


def test_the_type_check_finds_a_field_that_does_not_exist(kubectl, cluster):
    """Else the test above would show nothing."""
    policy = manifests.one(manifests.build(kubectl), policies.POLICY, "cvm-webhook-isolation")
    policy["spec"]["variables"][0]["expression"] = "object.spec.containers.map(c, c.nmae)"
    [warning] = _type_warnings(kubectl, policy)
    assert "undefined field 'nmae'" in warning["warning"]


def test_the_shipped_settings_are_valid_and_are_the_defaults(cluster):
    def run(*arguments):
        return subprocess.run([cluster.binary, *arguments], capture_output=True, text=True)

    checked = run("config", "check", str(manifests.BASE / "settings.yaml"))
    assert checked.returncode == 0, checked.stderr
    pod = cluster.kubectl.try_run("create", "-f", "-", "--dry-run=client", "-o", "json", stdin={
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "dev"},
        "spec": {"containers": [{"name": "dev", "image": "busybox"}]}}).stdout

    def evaluate(*settings):
        done = subprocess.run([cluster.binary, "eval", "-f", "-", "-o", "json", *settings],
                              input=pod, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert evaluate("--settings", str(manifests.BASE / "settings.yaml")) == evaluate()
