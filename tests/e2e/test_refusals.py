"""Every refusal as a developer sees it: kubectl's standard error, its status, and nothing stored."""

import json
import re
import subprocess
import textwrap

import pytest
from harness.pods import full_workspace, workspace

GPU = {"resources": {"limits": {"nvidia.com/gpu": "1"}}}
# What comes before the reasons when no node can host the pod.
ONLY_NODE = (r"cvm/no-compatible-node: the only node this pod may land on cannot host a CVM: "
             r"it .* \(.*\)\n")


def in_pool(pool: str, **more) -> dict:
    return workspace(nodeSelector={"pool": pool}, **more)


def with_container(name: str) -> dict:
    pod = workspace()
    pod["spec"]["containers"].append({"name": name, "image": "mine:1"})
    return pod


# rule id -> cases of (settings, pod, all that the message says after "denied the request: ").
CASES = {
    "cvm-disabled": [(
        {"enabled": False}, workspace(labels={"cvm-webhook.io/cvm": "true"}),
        r"cvm/cvm-disabled: the pod asks for a CVM by its label cvm-webhook.io/cvm and .*")],
    "cvm-label": [(
        {}, workspace(labels={"cvm-webhook.io/cvm": "yes"}),
        r'cvm/cvm-label: the label cvm-webhook.io/cvm is "yes"; set it to "true" .*')],
    "profile-choice": [(
        {"profiles": [{"name": "gpu", "chosenBy": ["pod"]}]},
        workspace(labels={"cvm-webhook.io/profile": "gpuu"}),
        r'cvm/profile-choice: the label cvm-webhook.io/profile asks for profile "gpuu", which does not '
        r"exist; set it to gpu, or remove it")],
    "workspace-container": [(
        {}, workspace(annotations={"cvm-webhook.io/workspace-container": "ide"}),
        r'cvm/workspace-container: the annotation cvm-webhook.io/workspace-container names "ide", '
        r"which is none of the pod's containers; name one of: dev")],
    "workspace-cache": [
        ({"caching": True}, workspace(annotations={"cvm-webhook.io/cache-key": key}),
         rf"cvm/workspace-cache: the annotation cvm-webhook.io/cache-key is \"{re.escape(key)}\", "
         r"which names no directory; give it at most 63 .*") for key in ("../dev", "..", "Team")
    ] + [
        ({}, workspace(annotations={"cvm-webhook.io/cache-volume": "home"}),
         r"cvm/workspace-cache: .*is no persistentVolumeClaim.*"),
    ],
    "reserved-name": [
        ({}, with_container("cvm-supervisor"),
         r'cvm/reserved-name: container "cvm-supervisor" is not the one .*'),
        ({}, workspace(volumes=[{"name": "cvm-usr-src", "emptyDir": {}}]),
         r'cvm/reserved-name: volume "cvm-usr-src" is not one that cvm-webhook puts in .*'),
    ],
    "runtime-class-conflict": [(
        {}, workspace(runtimeClassName="other"),
        r'cvm/runtime-class-conflict: spec.runtimeClassName is "other" and a CVM runs under '
        r'"cvm"; remove runtimeClassName, .*')],
    "host-namespaces": [
        ({}, workspace(**{field: True}), rf"cvm/host-namespaces: {field} is true and .*")
        for field in ("hostNetwork", "hostPID", "hostIPC")
    ] + [
        ({}, workspace(hostUsers=False), r"cvm/host-namespaces: hostUsers is false and .*"),
        ({}, workspace(hostNetwork=True, hostPID=True),
         r"cvm/host-namespaces: hostNetwork is true .*\ncvm/host-namespaces: hostPID is true .*"),
    ],
    "shared-process-namespace": [(
        {}, workspace(shareProcessNamespace=True),
        r"cvm/shared-process-namespace: shareProcessNamespace is true and .*")],
    "privileged-workspace": [(
        {}, workspace(container={"securityContext": {"privileged": True}}),
        r'cvm/privileged-workspace: container "dev" is privileged; remove '
        r"securityContext.privileged: .*")],
    "volume-driver": [
        ({}, workspace(volumes=[{"name": "data", "csi": {"driver": "hostpath.csi.k8s.io"}}]),
         r'cvm/volume-driver: volume "data" is an inline volume of the CSI driver .*'),
        ({}, workspace(volumes=[{"name": "data", "flexVolume": {"driver": "example.com/nfs"}}]),
         r'cvm/volume-driver: volume "data" is a flexVolume, .*')],
    "mirror-pod": [(
        {}, workspace(annotations={"kubernetes.io/config.mirror": "1"}),
        r'cvm/mirror-pod: annotation "kubernetes.io/config.mirror" is a kubelet\'s, .*')],
    "gpu-vendor": [
        ({}, workspace(container={"resources": {"limits": {resource: "1"}}}),
         rf'cvm/gpu-vendor: container "dev" requests an {vendor} GPU and .*')
        for resource, vendor in (("amd.com/gpu", "AMD"), ("gpu.intel.com/i915", "Intel"))],
    "gpu-caching": [(
        {"caching": True}, in_pool("cvm", container=GPU),
        r'cvm/gpu-caching: container "dev" requests a GPU and CVMs of this cluster are cached, .*')],
    "gpu-cloud": [(
        {}, in_pool("gke-gpu", container=GPU),
        ONLY_NODE + r"cvm/gpu-cloud: GPUs in CVMs do not work on cloud nodes: Google.*"
        r"\(holds for 1 of 1 node\)")],
    "node-selinux": [(
        {}, in_pool("selinux"),
        ONLY_NODE + r"cvm/node-selinux: SELinux is enabled \(Rocky Linux 9.4\); .*"
        r"\(holds for 1 of 1 node\)")],
    "node-kernel": [(
        {}, in_pool("old-kernel"),
        ONLY_NODE + r"cvm/node-kernel: kernel 5.3.0-76-generic \(Ubuntu 20.04\) is too old for "
        r"CVMs; upgrade it to 5.4 or later \(holds for 1 of 1 node\)")],
    "node-shiftfs": [
        ({}, in_pool("no-shiftfs"),
         ONLY_NODE + r"cvm/node-shiftfs: kernels before 5.12 need the kernel module shiftfs .*"
         r"\(holds for 1 of 1 node\)"),
        ({"caching": True}, in_pool("metal-gpu"),
         ONLY_NODE + r"cvm/node-shiftfs: a cached CVM needs the kernel module shiftfs.*Ubuntu 24.04"
         r".* \(holds for 1 of 1 node\)"),
    ],
    "node-architecture": [(
        {}, in_pool("s390x"),
        ONLY_NODE + r"cvm/node-architecture: architecture s390x is not supported by CVMs; .*")],
    "node-os": [
        ({}, in_pool("windows", tolerations=[{"key": "os", "operator": "Exists"}]),
         ONLY_NODE + r"cvm/node-os: Windows cannot host CVMs; choose Linux nodes .*"),
        ({}, in_pool("cos"),
         ONLY_NODE + r"cvm/node-os: Container-Optimized OS cannot host CVMs; .*"),
    ],
    "node-kubernetes-version": [(
        {}, in_pool("aks-old"),
        ONLY_NODE + r"cvm/node-kubernetes-version: Kubernetes v1.17.16 on Azure .*")],
}
# These warn: test_warnings.py has them, and test_pod_life.py the last.
WARNING_RULES = {"gpu-beta", "tmp-mount", "no-candidate-node", "namespace-pod-security"}
# These speak after a pod's creation, or of its final state: the escape suite and test_pod_life.py have them.
LATER_RULES = {"plan-incomplete", "plan-changed", "cvm-opt-out", "supervisor-access", "port-forward",
               "pod-proxy", "namespace-label", "host-volume"}

# These are of mode native: test_native.py has them.
NATIVE_RULES = {"gpu-native", "ignored-profile", "node-id-mapping", "node-sysbox",
                "node-user-namespaces", "sysbox-variable", "user-namespace-mixed",
                "user-namespace-stale", "volume-id-mapping", "volume-ownership"}

# These are of placement wrap: test_wrap.py has them.
WRAP_RULES = {"wrap-dropped", "wrap-entrypoint", "wrap-read-only", "wrap-unsupported", "wrap-user"}

# No node that these pods select has the GPU that they ask for, which is worth a warning too.
WITHOUT_SUCH_A_GPU = ("cvm/gpu-vendor", "cvm/gpu-caching")

PARAMETERS = [pytest.param(*case, id=f"{rule}-{number}")
              for rule, cases in CASES.items() for number, case in enumerate(cases, start=1)]


@pytest.fixture(scope="module", autouse=True)
def other_runtime_class(cluster):
    """Without it the API server itself would refuse a pod that names it."""
    other = {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
             "metadata": {"name": "other"}, "handler": "runc"}
    cluster.kubectl("create", "-f", "-", stdin=other)
    yield
    cluster.kubectl("delete", "runtimeclass", "other")


@pytest.mark.parametrize("settings, pod, message", PARAMETERS)
def test_kubectl_shows_why_a_pod_is_refused(cluster, kubectl, namespace, settings, pod, message):
    cluster.use(settings)
    outcome = kubectl.create(namespace, pod)
    assert outcome.code == 1
    assert outcome.stdout == ""
    no_candidate = ""
    if message.startswith(WITHOUT_SUCH_A_GPU):
        no_candidate = r"Warning: cvm/no-candidate-node: .*extended resources.*\n"
    assert re.fullmatch(
        r'(?:Warning: cvm/gpu-beta: .*\n)?'
        + no_candidate +
        r'Error from server \(Forbidden\): error when creating "STDIN": '
        r'admission webhook "mutate.cvm-webhook.io" denied the request: ' + message + r"\n",
        outcome.stderr), outcome.stderr
    assert kubectl.get("pods", "-n", namespace)["items"] == []


def test_every_rule_whose_action_can_be_set_has_a_case(cluster):
    listed = subprocess.run([cluster.binary, "rules", "list", "-o", "json"], check=True,
                            capture_output=True, text=True).stdout
    ids = {rule["id"] for rule in json.loads(listed) if "fixed" not in rule}
    # test_pod_security_agreement.py shows each of Pod Security's.
    ids = {rule for rule in ids if not rule.startswith("pod-security-")}
    assert ids == CASES.keys() | WARNING_RULES | LATER_RULES | NATIVE_RULES | WRAP_RULES


def test_kubectl_shows_what_is_below_the_pod_security_level(cluster, kubectl, namespace):
    cluster.use({"isolation": {"podSecurity": "restricted"}})
    outcome = kubectl.create(namespace, workspace(
        container={"securityContext": {"allowPrivilegeEscalation": False,
                                       "capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}},
        securityContext={"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        volumes=[{"name": "node", "nfs": {"server": "nas", "path": "/x"}}]))
    assert outcome.code == 1
    assert re.fullmatch(
        r'Error from server \(Forbidden\): error when creating "STDIN": admission webhook '
        r'"validate.cvm-webhook.io" denied the request: '
        r'cvm/pod-security-volume-types: volume "node" is of type nfs; use .*\n'
        r'cvm/pod-security-capabilities-restricted: container "dev" adds the capability CHOWN; .*\n',
        outcome.stderr), outcome.stderr


def test_all_reasons_are_given_at_once_and_nodes_are_counted(kubectl, namespace, webhook):
    pod = workspace(hostPID=True, affinity={"nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "pool", "operator": "In",
                                   "values": ["selinux", "old-kernel", "cos"]}]}]}}})
    told = kubectl.create(namespace, pod).stderr
    assert "cvm/host-namespaces: hostPID is true" in told
    assert ("cvm/no-compatible-node: none of the 3 nodes this pod may land on can host a CVM: "
            "1 runs Container-Optimized OS (use nodes with the Ubuntu image), "
            "1 runs SELinux (Sysbox does not support it; use Ubuntu nodes), "
            "1 has kernel 5.3 < 5.4 (upgrade the kernel)\n") in told
    for rule in ("node-selinux", "node-kernel", "node-os"):
        assert re.search(rf"^cvm/{rule}: .* \(holds for 1 of 3 nodes\)$", told, re.MULTILINE), rule


def test_one_node_that_can_host_it_is_enough(kubectl, namespace, webhook):
    kubectl.created(namespace, workspace(affinity={"nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "pool", "operator": "In",
                                   "values": ["selinux", "cvm"]}]}]}}}))


def test_a_refusal_is_the_same_for_a_dry_run(kubectl, namespace, webhook):
    pod = workspace(hostPID=True)
    assert (kubectl.create(namespace, pod, "--dry-run=server").stderr
            == kubectl.create(namespace, pod).stderr)


def test_the_status_names_each_field(cluster, namespace, webhook):
    connection = cluster.control_plane.connection()
    connection.request("POST", f"/api/v1/namespaces/{namespace}/pods",
                       json.dumps(workspace(hostPID=True, hostIPC=True)),
                       cluster.control_plane.authorization())
    response = connection.getresponse()
    status = json.loads(response.read())
    connection.close()
    assert (response.status, status["reason"]) == (403, "Forbidden")
    causes = status["details"]["causes"]
    assert [cause["field"] for cause in causes] == ["spec.hostPID", "spec.hostIPC"]
    for cause in causes:
        assert cause["reason"] == "FieldValueForbidden"
        assert "remove " + cause["field"].removeprefix("spec.") in cause["message"]


@pytest.mark.parametrize("action, told_by", [("warn", "stderr"), ("audit", None), ("off", None)])
def test_a_rule_can_be_made_milder(cluster, kubectl, namespace, action, told_by):
    cluster.use({"rules": {"shared-process-namespace": action}})
    outcome = kubectl.create(namespace, workspace(shareProcessNamespace=True))
    assert outcome.ok, outcome.stderr
    assert ("cvm/shared-process-namespace" in outcome.stderr) is (told_by == "stderr")


def test_eval_says_the_same_without_a_cluster(cluster, kubectl, tmp_path):
    nodes = tmp_path / "nodes.yaml"
    nodes.write_text(kubectl("get", "nodes", "-o", "yaml"))
    for pod, code in ((in_pool("selinux"), 1), (full_workspace(), 0)):
        done = subprocess.run([cluster.binary, "eval", "-f", "-", "-o", "json", "--nodes", nodes],
                              input=json.dumps(pod), capture_output=True, text=True)
        assert done.returncode == code, textwrap.indent(done.stdout + done.stderr, "  ")
        rules = [finding["rule"] for finding in json.loads(done.stdout)["findings"]]
        assert rules == (["no-compatible-node", "node-selinux"] if code else [])
