"""Pods that the scenarios create, and what is compared of those that the API server stored."""

import copy
import json
import re

from .kubectl import Kubectl, Outcome

# What the API server or the scheduler gives each object anew.
_VOLATILE = ("namespace", "uid", "resourceVersion", "creationTimestamp", "managedFields",
             "generation")


def workspace(name: str = "dev", *, labels=None, annotations=None, container=None, **spec) -> dict:
    """A small workspace pod; `container` and `spec` are merged into it."""
    metadata = {"name": name}
    if labels:
        metadata["labels"] = labels
    if annotations:
        metadata["annotations"] = annotations
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {
            "containers": [{
                "name": "dev",
                "image": "codercom/enterprise-base:ubuntu",
                "resources": {"requests": {"cpu": "100m", "memory": "64Mi"},
                              "limits": {"cpu": "2", "memory": "4Gi"}},
                **(container or {}),
            }],
            **spec,
        },
    }


def full_workspace(name: str = "alice-dev") -> dict:
    """A workspace with everything beside which a CVM's parts must fit."""
    return workspace(
        name,
        labels={"app.kubernetes.io/name": "coder-workspace", "com.coder.resource": "true"},
        annotations={"com.coder.user.email": "alice@example.com",
                     "kubectl.kubernetes.io/default-container": "dev"},
        container={
            "command": ["sh", "-c", "coder agent"],
            "workingDir": "/home/coder",
            "env": [{"name": "CODER_AGENT_URL", "value": "https://coder.example.com"},
                    {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}],
            "ports": [{"containerPort": 8080, "name": "web"}],
            "volumeMounts": [{"name": "home", "mountPath": "/home/coder"}],
        },
        initContainers=[{"name": "home-init", "image": "busybox:1.36", "command": ["true"],
                         "volumeMounts": [{"name": "home", "mountPath": "/home/coder"}]}],
        volumes=[{"name": "home", "emptyDir": {}}],
        hostname="dev",
        nodeSelector={"pool": "cvm"},
        securityContext={"runAsUser": 1000, "fsGroup": 1000},
        tolerations=[{"key": "dedicated", "operator": "Equal", "value": "workspaces",
                      "effect": "NoSchedule"}],
        affinity={"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchExpressions": [
                {"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]}]}]}}},
    )


def _steady(value):
    """The value with the random part of the API server's token volume taken out."""
    if isinstance(value, dict):
        return {key: _steady(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_steady(item) for item in value]
    if isinstance(value, str):
        return re.sub(r"^kube-api-access-[a-z0-9]{5}$", "kube-api-access-*", value)
    return value


def comparable(stored: dict) -> dict:
    """What of a stored pod does not depend on when and where it was created."""
    pod = _steady(copy.deepcopy(stored))
    pod.pop("status", None)
    pod["spec"].pop("nodeName", None)
    for field in _VOLATILE:
        pod["metadata"].pop(field, None)
    return pod


def differences(expected, found, path: str = "") -> list[str]:
    """Each field in which two objects differ, one line a field."""
    if isinstance(expected, dict) and isinstance(found, dict):
        lines = []
        for key in sorted(expected.keys() | found.keys()):
            where = f"{path}.{key}" if path else key
            if key not in found:
                lines.append(f"{where}: missing, expected {expected[key]!r}")
            elif key not in expected:
                lines.append(f"{where}: not expected, found {found[key]!r}")
            else:
                lines += differences(expected[key], found[key], where)
        return lines
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [line for index, (one, other) in enumerate(zip(expected, found))
                for line in differences(one, other, f"{path}[{index}]")]
    return [] if expected == found else [f"{path}: expected {expected!r}, found {found!r}"]


def supervisor_of(pod: dict) -> dict | None:
    containers = pod["spec"].get("initContainers", []) + pod["spec"]["containers"]
    return next((item for item in containers if item["name"] == "cvm-supervisor"), None)


def try_to_bind(kubectl: Kubectl, namespace: str, pod: str, node: str) -> Outcome:
    """Does as a scheduler does once it has chosen the node."""
    binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": pod},
               "target": {"apiVersion": "v1", "kind": "Node", "name": node}}
    return kubectl.try_run("create", "--raw", f"/api/v1/namespaces/{namespace}/pods/{pod}/binding",
                           "-f", "-", stdin=json.dumps(binding))
