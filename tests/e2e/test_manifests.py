"""What `kubectl apply -k manifests/base` gives a cluster."""

import json
import subprocess

import pytest
from harness import manifests
from harness.processes import wait_for

ACCOUNT = "system:serviceaccount:cvm-system:cvm-webhook"


def test_the_api_server_takes_every_object_as_it_ships(kubectl, cluster):
    outcome = kubectl.try_run("apply", "--dry-run=server", "-k", manifests.BASE)
    assert outcome.ok, outcome.stderr
    assert outcome.stderr == "", "no warning either"
    assert len(outcome.stdout.splitlines()) == len(manifests.build(kubectl))


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
    ("get", "nodes --subresource=proxy", "no"), ("list", "secrets", "no"), ("list", "pods", "yes"), ("watch", "pods", "yes"), ("get", "pods", "no"),
    ("list", "runtimeclasses", "yes"), ("watch", "runtimeclasses", "yes"),
    ("create", "pods", "no"), ("get", "configmaps", "no"), ("get", "namespaces", "no"),
])
def test_the_service_account_may_read_and_mark_nodes_and_nothing_else(kubectl, cluster, verb, resource,
                                                             allowed):
    answer = kubectl.try_run("auth", "can-i", verb, *resource.split(), f"--as={ACCOUNT}",
                             "--all-namespaces")
    assert answer.stdout.strip() == allowed


def test_both_configurations_select_the_same_and_fail_closed(kubectl, cluster):
    mutating, validating = (kubectl.get(kind, "cvm-webhook")["webhooks"]
                            for kind in manifests.CONFIGURATIONS)
    assert [webhook["name"] for webhook in mutating] == ["mutate.cvm-webhook.io"]
    assert [webhook["name"] for webhook in validating] == ["validate.cvm-webhook.io"]
    assert mutating[0]["rules"][0].pop("resources") == ["pods"]
    assert validating[0]["rules"][0].pop("resources") == ["pods", "pods/binding"]
    for field in ("rules", "namespaceSelector", "failurePolicy", "matchPolicy", "sideEffects",
                  "timeoutSeconds", "admissionReviewVersions"):
        assert mutating[0][field] == validating[0][field], field
    assert mutating[0]["failurePolicy"] == "Fail"
    assert mutating[0]["sideEffects"] == "None"
    assert mutating[0]["timeoutSeconds"] == 3
    assert mutating[0]["reinvocationPolicy"] == "IfNeeded"
    assert validating[0].get("matchConditions", []) == []
    excluded = mutating[0]["namespaceSelector"]["matchExpressions"]
    assert excluded == [{"key": "kubernetes.io/metadata.name", "operator": "NotIn",
                         "values": ["kube-system", "kube-node-lease", "cvm-system"]}]


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
