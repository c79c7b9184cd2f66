"""`kubectl cvm doctor`: what an administrator is told of a cluster, and that the commands it gives mend it."""

import json
import os
import re
import subprocess

import pytest
from harness import manifests
from harness.cluster import WORKSPACES
from harness.controlplane import DEVELOPER_TOKEN
from harness.kubectl import Outcome
from harness.pods import workspace
from harness.processes import wait_for

KINDS = ("nodes,namespaces,runtimeclasses,mutatingwebhookconfigurations,validatingwebhookconfigurations,services,"
         "endpointslices,deployments,configmaps,limitranges,resourcequotas,storageclasses,persistentvolumes,pods")
# The nodes of the harness: one is marked and runs SELinux, one is of Kubernetes 1.17.
WARNED = {"runtime-class-nodes", "kubernetes-version"}
# Called by a URL here, and not by the Service.
SKIPPED = {"service", "deployment"}


@pytest.fixture(scope="module")
def cluster(new_cluster):
    """One of its own: what other scenarios leave behind would be found."""
    with new_cluster() as cluster:
        cluster.use()
        yield cluster


def checks_of(outcome) -> dict[str, dict]:
    assert outcome.code in (0, 1), outcome.stderr
    return {check["id"]: check for check in json.loads(outcome.stdout)["checks"]}


def look(plugin) -> dict[str, dict]:
    return checks_of(plugin.try_run("cvm", "doctor", "-o", "json"))


def statuses(checks: dict[str, dict]) -> dict[str, str]:
    return {name: check["status"] for name, check in checks.items()}


def unsound(checks: dict[str, dict]) -> dict[str, str]:
    """What is not as in a healthy cluster."""
    return {name: check["status"] for name, check in checks.items()
            if check["status"] != ("warn" if name in WARNED else "skip" if name in SKIPPED else "pass")}


def only(check: dict) -> dict:
    assert len(check["findings"]) == 1, check
    return check["findings"][0]


def mend(cluster, finding: dict, folder):
    """Pastes the command."""
    env = {**os.environ, **cluster.kubectl.env}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", finding["fix"]], cwd=folder, env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{finding['fix']}: {done.stderr}"


def test_a_healthy_cluster_passes(plugin):
    checks = look(plugin)
    assert unsound(checks) == {}, json.dumps(checks, indent=1)
    assert "watched-1" in only(checks["runtime-class-nodes"])["message"]
    assert re.search(r"valid until \d{4}-", only(checks["serving-certificate"])["message"])
    assert only(checks["settings"])["message"].endswith("ConfigMap cvm-system/cvm-webhook-settings")
    table = plugin.try_run("cvm", "doctor")
    assert table.code == 0
    assert table.stdout.endswith("\n18 passed, 2 warnings, 0 failed, 2 skipped\n")


def test_in_a_pod_it_asks_as_its_service_account(plugin, cluster, tmp_path):
    """A mount namespace stands in for the pod: there the files are where a kubelet puts them."""
    (tmp_path / "ca.crt").write_text((cluster.control_plane.directory / "ca.crt").read_text())
    (tmp_path / "token").write_text(plugin("create", "token", "cvm-webhook", "--namespace", "cvm-system"))
    (tmp_path / "namespace").write_text("cvm-system")
    enter = ("mount -t tmpfs tmpfs /var/run && mkdir -p /var/run/secrets/kubernetes.io &&"
             ' ln -s "$0" /var/run/secrets/kubernetes.io/serviceaccount && exec "$@"')
    host, port = cluster.control_plane.url.removeprefix("https://").split(":")

    def call(*arguments):
        done = subprocess.run(["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]),
                               "sh", "-c", enter, tmp_path, cluster.binary, "doctor", "--in-cluster", *arguments],
                              env={"PATH": os.environ["PATH"], "KUBERNETES_SERVICE_HOST": host,
                                   "KUBERNETES_SERVICE_PORT": port},
                              capture_output=True, text=True, timeout=60)
        return Outcome(done.returncode, done.stdout, done.stderr)

    checks = checks_of(call("-o", "json"))
    assert only(checks["service-account"])["status"] == "pass", checks


def test_another_handler_of_the_runtime_class(plugin, cluster, tmp_path):
    changed = manifests.one(manifests.build(plugin), "RuntimeClass")
    plugin("delete", "runtimeclass", "cvm")
    missing = look(plugin)
    assert unsound(missing) == {"runtime-class": "fail", "runtime-class-nodes": "skip"}
    plugin("create", "-f", "-", stdin={**changed, "handler": "sysbox-runc"})
    checks = look(plugin)
    assert unsound(checks) == {"runtime-class": "fail"}
    mend(cluster, only(checks["runtime-class"]), tmp_path)
    assert unsound(look(plugin)) == {}


def test_nodes_without_marks(plugin, cluster, tmp_path):
    names = [node["metadata"]["name"] for node in plugin.get("nodes", "-l", "cvm-webhook.io/cvm=true")["items"]]
    plugin("label", "nodes", *names, "cvm-webhook.io/cvm-")
    checks = look(plugin)
    assert checks["runtime-class-nodes"]["status"] == "fail"
    mend(cluster, only(checks["runtime-class-nodes"]), tmp_path)
    assert look(plugin)["runtime-class-nodes"]["status"] == "pass"
    plugin("label", "nodes", "watched-1", "cvm-webhook.io/cvm=true")


def test_a_namespace_that_enforces_a_pod_security_level(plugin, cluster, tmp_path):
    name = cluster.new_namespace({**WORKSPACES, "pod-security.kubernetes.io/enforce": "baseline"})
    checks = look(plugin)
    assert unsound(checks) == {"pod-security": "fail"}
    assert name in only(checks["pod-security"])["message"]
    refused = plugin.create(name, workspace())
    assert not refused.ok and "PodSecurity" in refused.stderr or "baseline" in refused.stderr
    mend(cluster, only(checks["pod-security"]), tmp_path)
    assert unsound(look(plugin)) == {}


def test_a_namespace_with_another_value_of_the_label(plugin, cluster, tmp_path):
    cluster.new_namespace({"cvm-webhook.io/workspaces": "true"})
    checks = look(plugin)
    assert unsound(checks) == {"namespaces": "warn"}
    mend(cluster, only(checks["namespaces"]), tmp_path)
    assert unsound(look(plugin)) == {}


def test_failures_that_are_ignored(plugin, cluster, tmp_path):
    plugin("patch", "validatingwebhookconfiguration", "cvm-webhook", "--patch", json.dumps(
        {"webhooks": [{"name": "status.cvm-webhook.io", "failurePolicy": "Ignore"}]}))
    checks = look(plugin)
    assert unsound(checks) == {"failure-policy": "fail"}
    mend(cluster, only(checks["failure-policy"]), tmp_path)
    assert unsound(look(plugin)) == {}


def test_another_ca_than_that_of_the_serving_certificate(plugin, cluster, tmp_path):
    (tmp_path / "tls").symlink_to(cluster.webhooks.certificates.directory)
    other = tmp_path / "other"
    subprocess.run([cluster.binary, "certs", "issue", "--dir", other, "--dns", "localhost"], check=True,
                   capture_output=True)
    manifests.set_ca_bundle(plugin, (other / "ca.crt").read_text())
    checks = look(plugin)
    assert unsound(checks) == {"serving-certificate": "fail"}
    mend(cluster, checks["serving-certificate"]["findings"][0], tmp_path)
    assert unsound(look(plugin)) == {}


def test_a_webhook_that_does_not_answer(plugin, cluster):
    cluster.balancer.route_to()
    try:
        checks = look(plugin)
        assert unsound(checks) == {"serving-certificate": "fail"}
        assert "does not answer" in only(checks["serving-certificate"])["message"]
    finally:
        cluster.use()


def test_limits_and_quotas_that_refuse_the_supervisor(plugin, cluster):
    """The API server does refuse what is foretold."""
    name = cluster.new_namespace(WORKSPACES)
    limits = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "small", "namespace": name},
              "spec": {"limits": [{"type": "Container", "max": {"memory": "64Mi"}}]}}
    plugin("create", "-f", "-", stdin=limits)
    checks = look(plugin)
    assert unsound(checks) == {"limit-ranges": "fail"}
    assert f"LimitRange {name}/small" in checks["limit-ranges"]["findings"][0]["message"]
    assert not plugin.create(name, workspace(), "--dry-run=server").ok
    plugin("delete", "limitrange", "small", "--namespace", name)

    plugin("create", "quota", "limits", "--hard=limits.memory=8Gi", "--namespace", name)
    checks = look(plugin)
    assert unsound(checks) == {"quotas": "fail"}
    plugin("delete", "quota", "limits", "--namespace", name)
    assert unsound(look(plugin)) == {}


def test_pods_from_before_the_namespace_took_part(plugin, cluster, tmp_path):
    name = cluster.new_namespace()
    plugin.created(name, workspace("early", schedulerName="nobody"))
    plugin("label", "namespace", name, "cvm-webhook.io/workspaces=enabled")
    plugin.created(name, workspace("late", schedulerName="nobody"))
    checks = look(plugin)
    assert unsound(checks) == {"pods": "warn"}
    assert only(checks["pods"])["message"].endswith(f": {name}/early")
    mend(cluster, only(checks["pods"]), tmp_path)
    assert unsound(look(plugin)) == {}


def test_rights_that_the_service_account_lacks(plugin, cluster, tmp_path):
    """Of its rights nobody knows better than the API server."""
    (tmp_path / "manifests").symlink_to(manifests.BASE.parent)
    plugin("delete", "clusterrolebinding", "cvm-webhook")
    try:
        checks = look(plugin)
        assert unsound(checks) == {"service-account": "fail"}
    finally:
        mend(cluster, {"fix": "kubectl apply -f manifests/base/rbac.yaml"}, tmp_path)
    assert only(checks["service-account"])["fix"] == "kubectl apply -f manifests/base/rbac.yaml"
    assert unsound(look(plugin)) == {}


def test_each_right_that_the_shipped_role_gives(plugin):
    """Is asked about: without it the check fails, and names it."""
    role = plugin.get("clusterrole", "cvm-webhook")
    asked = 0
    try:
        for number, rule in enumerate(role["rules"]):
            for verb in rule["verbs"]:
                less = json.loads(json.dumps(role["rules"]))
                less[number]["verbs"].remove(verb)
                plugin("patch", "clusterrole", "cvm-webhook", "--type=merge", "--patch", json.dumps({"rules": less}))
                expected = [f"{verb} {resource}" for resource in rule["resources"]]
                wait_for(f"{expected} to be missed", lambda: all(
                    text in look(plugin)["service-account"]["findings"][0]["message"] for text in expected))
                asked += len(expected)
    finally:
        plugin("patch", "clusterrole", "cvm-webhook", "--type=merge", "--patch",
               json.dumps({"rules": role["rules"]}))
    assert asked == 13
    wait_for("the rights to be back", lambda: unsound(look(plugin)) == {})


def test_a_dump_gives_the_same_answers(plugin, cluster):
    name = cluster.new_namespace(WORKSPACES)
    limits = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "wide", "namespace": name},
              "spec": {"limits": [{"type": "Container", "max": {"memory": "64Gi"}}]}}
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "pods", "namespace": name},
             "spec": {"hard": {"pods": "10"}}}
    plugin("create", "-f", "-", stdin=[limits, quota])
    asked = statuses(look(plugin))
    dump = plugin("get", KINDS, "--all-namespaces", "-o", "yaml")
    dumped = checks_of(plugin.try_run("cvm", "doctor", "--dump", "-", "-o", "json", stdin=dump))
    # What only a connection, and only the API server, can tell.
    assert statuses(dumped) == {**asked, "serving-certificate": "skip", "service-account": "skip"}
    plugin("delete", "limitrange/wide", "resourcequota/pods", "--namespace", name)


def test_who_may_read_nothing_is_told_so(cluster):
    kubeconfig = cluster.control_plane.write_kubeconfig("developer", DEVELOPER_TOKEN)
    done = subprocess.run([cluster.binary, "doctor", "--kubeconfig", kubeconfig, "-o", "json"], capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    checks = {check["id"]: check for check in json.loads(done.stdout)["checks"]}
    found = statuses(checks)
    assert found.pop("settings") == "warn" and found.pop("storage-classes") == "pass"
    assert set(found.values()) == {"skip"}, found
    assert "403 Forbidden" in only(checks["nodes"])["message"]
    assert only(checks["nodes"])["fix"] == "kubectl auth can-i list nodes"


def test_an_api_server_that_does_not_know_who_asks(cluster):
    kubeconfig = cluster.control_plane.write_kubeconfig("stranger", "no such token")
    done = subprocess.run([cluster.binary, "doctor", "--kubeconfig", kubeconfig], capture_output=True, text=True,
                          check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "401" in done.stderr
