"""Node objects as clouds report them, 8 KB each, rendered fast: what differs from node to node is put
between texts that are the same for all of a kind."""

import hashlib
import json
import re

ZONES = ("eu-central-1a", "eu-central-1b", "eu-central-1c")
INSTANCE_TYPES = ("m7i.2xlarge", "m7i.8xlarge", "c7a.4xlarge", "r7g.2xlarge")
POOLS = ("workspaces", "general", "build", "gpu", "system")
SYSTEMS = (
    ("Ubuntu 22.04.5 LTS", "6.8.0-1021-aws"), ("Ubuntu 24.04.1 LTS", "6.8.0-1021-aws"),
    ("Flatcar Container Linux by Kinvolk 3975.2.2 (Oklo)", "6.6.54-flatcar"),
    ("Rocky Linux 9.4 (Blue Onyx)", "5.14.0-427.13.1.el9_4.x86_64"),
    ("Ubuntu 18.04.6 LTS", "4.15.0-213-generic"),
)
KINDS = 60  # of equal nodes
CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory",
     "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)
# Places that differ from node to node.
NAME, SERIAL, BATCH, VERSION, BEAT = "@name@", "@serial@", "@batch@", "@version@", "@beat@"


def _in_order(texts: dict) -> dict:
    """As the API server writes maps."""
    return dict(sorted(texts.items()))


def _images(kind: int) -> list[dict]:
    images = []
    for number in range(18):
        digest = hashlib.sha256(f"{kind % 5} {number}".encode()).hexdigest()
        name = f"602401143452.dkr.ecr.eu-central-1.amazonaws.com/team-{number % 4}/image-{number}"
        images.append({"names": [f"{name}@sha256:{digest}", f"{name}:v1.{number}.{kind % 5}"],
                       "sizeBytes": 10_000_000 + number * 7_654_321})
    return images


def _managed_fields(labels: dict) -> list[dict]:
    own = {f"f:{key}": {} for key in labels}
    return [
        {"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": BEAT,
         "fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": {"f:labels": {".": {}, **own}}}},
        {"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": BEAT,
         "fieldsType": "FieldsV1", "subresource": "status", "fieldsV1": {"f:status": {
             "f:conditions": {f'k:{{"type":"{name}"}}': {"f:lastHeartbeatTime": {}}
                              for name, *_ in CONDITIONS}, "f:images": {}}}},
    ]


def _node(kind: int) -> dict:
    zone, pool = ZONES[kind % 3], POOLS[kind % 5]
    instance_type, (os_image, kernel) = INSTANCE_TYPES[kind % 4], SYSTEMS[(kind // 5) % 5]
    labels = _in_order({
        "kubernetes.io/hostname": NAME, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/instance-type": instance_type,
        "node.kubernetes.io/instance-type": instance_type,
        "topology.kubernetes.io/zone": zone, "topology.kubernetes.io/region": zone[:-1],
        "failure-domain.beta.kubernetes.io/zone": zone,
        "failure-domain.beta.kubernetes.io/region": zone[:-1],
        "topology.ebs.csi.aws.com/zone": zone, "eks.amazonaws.com/nodegroup": f"{pool}-{zone}",
        "eks.amazonaws.com/capacityType": "ON_DEMAND",
        "k8s.io/cloud-provider-aws": "5d6a5b5d3c2f4c0f8b1a9e7d6c5b4a39",
        "pool": pool, "example.com/batch": BATCH,
        # What sets nodes that can host CVMs apart where they are not marked.
        "example.com/cvm": "true" if SYSTEMS.index((os_image, kernel)) < 3 else "false",
    })
    amounts = {"cpu": "8", "memory": "31482280Ki", "pods": "110", "ephemeral-storage": "83873772Ki",
               "hugepages-1Gi": "0", "hugepages-2Mi": "0"}
    if pool == "gpu":
        amounts["nvidia.com/gpu"] = "4"
    conditions = [{"type": name, "status": status, "reason": reason, "message": message,
                   "lastHeartbeatTime": BEAT, "lastTransitionTime": "2026-01-02T03:04:05Z"}
                  for name, status, reason, message in CONDITIONS]
    spec = {"providerID": f"aws:///{zone}/i-{SERIAL}"}
    if pool in ("workspaces", "gpu"):
        spec["taints"] = [{"key": "dedicated", "value": pool, "effect": "NoSchedule"}]
    return {
        "kind": "Node", "apiVersion": "v1",
        "metadata": {
            "name": NAME, "uid": f"a1b2c3d4-0000-4000-8000-{SERIAL}", "resourceVersion": VERSION,
            "creationTimestamp": "2026-01-02T03:04:05Z", "labels": labels,
            "annotations": {"csi.volume.kubernetes.io/nodeid":
                            f'{{"ebs.csi.aws.com":"i-{SERIAL}","efs.csi.aws.com":"i-{SERIAL}"}}',
                            "node.alpha.kubernetes.io/ttl": "0",
                            "volumes.kubernetes.io/controller-managed-attach-detach": "true"},
            "managedFields": _managed_fields(labels)},
        "spec": spec,
        "status": {
            "capacity": amounts, "allocatable": amounts, "conditions": conditions,
            "addresses": [{"type": "InternalDNS", "address": NAME},
                          {"type": "Hostname", "address": NAME}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {"machineID": f"ec2{SERIAL}", "systemUUID": f"ec2-{SERIAL}",
                         "bootID": f"0f{SERIAL}", "kernelVersion": kernel, "osImage": os_image,
                         "containerRuntimeVersion": "containerd://1.7.23",
                         "kubeletVersion": "v1.34.2", "kubeProxyVersion": "v1.34.2",
                         "operatingSystem": "linux", "architecture": "amd64"},
            "images": _images(kind)},
    }


class Template:
    """The text of a kind, cut where nodes differ."""

    def __init__(self, kind: int):
        text = json.dumps(_node(kind), separators=(",", ":"))
        # Every second piece is the name of a place.
        self._pieces = re.split(f"({NAME}|{SERIAL}|{BATCH}|{VERSION}|{BEAT})", text)

    def render(self, values: dict[str, str]) -> bytes:
        pieces = self._pieces.copy()
        pieces[1::2] = [values[place] for place in pieces[1::2]]
        return "".join(pieces).encode()


TEMPLATES = [Template(kind) for kind in range(KINDS)]


def name_of(index: int) -> str:
    return f"ip-10-{index >> 16}-{index >> 8 & 255}-{index & 255}.eu-central-1.compute.internal"


def render(index: int, version: int, batch: int, beat: str) -> bytes:
    """The Node as JSON."""
    return TEMPLATES[index % KINDS].render({
        NAME: name_of(index), SERIAL: f"{index * 2654435761 % (1 << 48):012x}",
        VERSION: str(version), BATCH: f"b{batch}", BEAT: beat})
