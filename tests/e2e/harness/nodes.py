"""Node objects as real nodes of these kinds report themselves. No kubelet stands behind them."""

from .kubectl import Kubectl

POOL = "pool"  # the label by which a scenario picks its nodes
SELINUX_LABEL = "feature.node.kubernetes.io/kernel-selinux.enabled"


def node(name: str, pool: str, *, kernel="6.8.0-45-generic", os_image="Ubuntu 24.04.1 LTS",
         arch="amd64", system="linux", runtime="containerd://2.0.5", kubelet="v1.36.3",
         provider="", labels=None, gpus=0, taints=None) -> dict:
    resources = {"cpu": "1000", "memory": "4000Gi", "pods": "2000", "ephemeral-storage": "4000Gi"}
    if gpus:
        resources["nvidia.com/gpu"] = str(gpus)
    spec = {"providerID": provider} if provider else {}
    if taints:
        spec["taints"] = taints
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {
            POOL: pool, "kubernetes.io/hostname": name, "kubernetes.io/arch": arch,
            "kubernetes.io/os": system, **(labels or {})}},
        "spec": spec,
        "status": {
            "capacity": resources,
            "allocatable": resources,
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady",
                            "message": "kubelet is posting ready status",
                            "lastHeartbeatTime": "2026-01-01T00:00:00Z",
                            "lastTransitionTime": "2026-01-01T00:00:00Z"}],
            "nodeInfo": {"kernelVersion": kernel, "osImage": os_image, "architecture": arch,
                         "operatingSystem": system, "containerRuntimeVersion": runtime,
                         "kubeletVersion": kubelet, "kubeProxyVersion": "", "machineID": "",
                         "systemUUID": "", "bootID": ""},
        },
    }


CVM_LABEL = {"cvm-webhook.io/cvm": "true"}
CVM_NODES = ("cvm-1", "cvm-2")
# Fit for CVMs of every kind: cached ones need the module shiftfs.
GOOD = {"kernel": "5.15.0-122-generic", "os_image": "Ubuntu 22.04.5 LTS"}
GOOD_LABELS = {**CVM_LABEL, "cvm-webhook.io/shiftfs": "true"}

NODES = [
    *(node(name, "cvm", **GOOD, labels=GOOD_LABELS) for name in CVM_NODES),
    node("selinux-1", "selinux", kernel="5.14.0-427.13.1.el9_4.x86_64",
         os_image="Rocky Linux 9.4 (Blue Onyx)", labels={SELINUX_LABEL: "true"}),
    node("watched-1", "watched", **GOOD, labels={**GOOD_LABELS, SELINUX_LABEL: "true"}),
    node("old-kernel-1", "old-kernel", kernel="5.3.0-76-generic", os_image="Ubuntu 20.04.6 LTS"),
    node("disputed-kernel-1", "disputed-kernel", kernel="5.3.0-76-generic",
         os_image="Ubuntu 18.04.6 LTS"),
    node("no-shiftfs-1", "no-shiftfs", kernel="5.4.0-196-generic", os_image="Ubuntu 20.04.6 LTS",
         labels={"cvm-webhook.io/shiftfs": "false"}),
    node("s390x-1", "s390x", arch="s390x"),
    node("windows-1", "windows", kernel="10.0.20348.2700", os_image="Windows Server 2022 Datacenter",
         system="windows", taints=[{"key": "os", "value": "windows", "effect": "NoSchedule"}]),
    node("cos-1", "cos", kernel="6.1.100+", os_image="Container-Optimized OS from Google",
         provider="gce://project/us-central1-a/cos-1"),
    node("aks-old-1", "aks-old", kernel="5.4.0-1091-azure", os_image="Ubuntu 18.04.6 LTS",
         kubelet="v1.17.16", provider="azure:///subscriptions/x/aks-old-1"),
    node("gke-gpu-1", "gke-gpu", os_image="Ubuntu 22.04.5 LTS", kernel="6.8.0-1015-gke", gpus=8,
         provider="gce://project/us-central1-a/gke-gpu-1", labels=CVM_LABEL),
    node("metal-gpu-1", "metal-gpu", gpus=8, labels=CVM_LABEL),
]


def register(kubectl: Kubectl, items: list[dict] = NODES):
    """Creates the nodes and gives them the status that their kubelets would."""
    kubectl("create", "-f", "-", stdin=items)
    kubectl("replace", "--subresource=status", "-f", "-", stdin=items)
    # The API server taints a new node until the node lifecycle controller says that it is ready.
    kubectl("taint", "nodes", *[item["metadata"]["name"] for item in items],
            "node.kubernetes.io/not-ready:NoSchedule-")
