"""Each row of the host path table with each placement: what the API server stores, field by field.

What the pod would be without the webhook comes from the API server too: the same pod is created in
a namespace that does not take part. A CVM must be that pod and the plan's parts, nothing else.
"""

import copy
import re

import pytest
from harness.pods import comparable, differences, full_workspace

READ_ONLY, READ_WRITE = True, False
ROWS = {
    "caching off": ({"caching": False}, {
        "/usr/src": READ_ONLY, "/lib/modules": READ_ONLY}),
    "caching off, shiftfs set all the same": ({"caching": False, "autoloadShiftfs": True}, {
        "/usr/src": READ_ONLY, "/lib/modules": READ_ONLY}),
    "caching on": ({"caching": True}, {
        "/usr/src": READ_ONLY, "/lib/modules": READ_ONLY, "/var/run": READ_ONLY,
        "/var/lib": READ_WRITE}),
    "caching and shiftfs on": ({"caching": True, "autoloadShiftfs": True}, {
        "/usr/src": READ_WRITE, "/lib/modules": READ_WRITE, "/var/run": READ_ONLY,
        "/var/lib": READ_WRITE}),
}


def _volume_name(path: str) -> str:
    return "cvm" + path.replace("/", "-")


def _supervisor(placement: str, host_paths: dict, token_mount: dict) -> dict:
    """The supervisor of `full_workspace`, with what the API server adds to every container."""
    def limit(name, resource):
        return {"name": name, "valueFrom": {"resourceFieldRef": {
            "containerName": "dev", "resource": resource, "divisor": "0"}}}

    mounts = [{"name": _volume_name(path), "mountPath": path,
               **({"readOnly": True} if read_only else {})}
              for path, read_only in host_paths.items()]
    return {
        "name": "cvm-supervisor",
        "image": "ghcr.io/coder/envbox:latest",
        "imagePullPolicy": "IfNotPresent",
        "command": ["/envbox", "docker"],
        "env": [
            {"name": "CODER_INNER_IMAGE", "value": "codercom/enterprise-base:ubuntu"},
            {"name": "CODER_INNER_USERNAME", "value": "1000"},
            {"name": "CODER_INNER_HOSTNAME", "value": "dev"},
            {"name": "CODER_INNER_WORK_DIR", "value": "/home/coder"},
            limit("CODER_CPUS", "limits.cpu"),
            limit("CODER_MEMORY", "limits.memory"),
            {"name": "CODER_DOCKER_BRIDGE_CIDR", "value": "172.19.0.0/30"},
        ],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
        "securityContext": {"privileged": True, "runAsUser": 0, "runAsGroup": 0,
                            "runAsNonRoot": False},
        "volumeMounts": [*mounts, token_mount],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        **({"restartPolicy": "Always"} if placement == "sidecar" else {}),
    }


def _expected(plain: dict, placement: str, host_paths: dict) -> dict:
    pod = copy.deepcopy(plain)
    spec = pod["spec"]
    token_mount = spec["containers"][0]["volumeMounts"][-1]
    assert token_mount["name"] == "kube-api-access-*"
    supervisor = _supervisor(placement, host_paths, token_mount)
    if placement == "sidecar":
        spec["initContainers"].insert(0, supervisor)
    else:
        spec["containers"].append(supervisor)
    spec["volumes"] += [{"name": _volume_name(path), "hostPath": {"path": path, "type": "Directory"}}
                        for path in host_paths]
    spec["runtimeClassName"] = "cvm"
    spec["overhead"] = {"cpu": "100m", "memory": "256Mi"}
    spec["nodeSelector"]["cvm-webhook.io/cvm"] = "true"
    return pod


@pytest.mark.parametrize("placement", ["sidecar", "container"])
@pytest.mark.parametrize("row", ROWS)
def test_a_workspace_is_stored_as_a_cvm_and_nothing_else_changes(
        cluster, kubectl, namespace, other_namespace, row, placement):
    settings, host_paths = ROWS[row]
    cluster.use({**settings, "supervisor": {"placement": placement}})
    plain = comparable(kubectl.created(other_namespace, full_workspace()))
    expected = _expected(plain, placement, host_paths)

    tried = comparable(kubectl.created(namespace, full_workspace(), "--dry-run=server"))
    assert kubectl.get("pods", "-n", namespace)["items"] == []
    kubectl.created(namespace, full_workspace())
    stored = comparable(kubectl.get("pod", "alice-dev", "-n", namespace))

    for answer in (tried, stored):
        plan = answer["metadata"]["annotations"].pop("cvm-webhook.io/plan")
        assert re.fullmatch(r"v1:[0-9a-f]{16}", plan)
        assert differences(expected, answer) == []


def test_mount_paths_and_types_can_be_overridden(cluster, kubectl, namespace):
    cluster.use({"hostPaths": {"usrSrc": {"mountPath": "/host/src"},
                               "libModules": {"type": "DirectoryOrCreate"}}})
    pod = kubectl.created(namespace, full_workspace())
    volumes = {volume["name"]: volume.get("hostPath") for volume in pod["spec"]["volumes"]}
    assert volumes["cvm-usr-src"] == {"path": "/usr/src", "type": "Directory"}
    assert volumes["cvm-lib-modules"] == {"path": "/lib/modules", "type": "DirectoryOrCreate"}
    mounts = {mount["name"]: mount["mountPath"]
              for mount in pod["spec"]["initContainers"][0]["volumeMounts"]}
    assert mounts["cvm-usr-src"] == "/host/src"
    assert mounts["cvm-lib-modules"] == "/lib/modules"
