"""Each row of the host path table with each placement: what the API server stores, field by field.

What the pod would be without the webhook comes from the API server too: the same pod is created in
a namespace that does not take part. A CVM must be that pod and the plan's parts, nothing else.
"""

import copy
import re

import pytest
from harness import policies
from harness.pods import comparable, differences, full_workspace, supervisor_of, workspace
from harness.processes import wait_for

READ_ONLY, READ_WRITE = {"readOnly": True}, {}
# With what is mounted below it, where the node can.
READ_ONLY_TREE = {"readOnly": True, "recursiveReadOnly": "IfPossible"}
ROWS = {
    "caching off": ({"caching": False}, {
        "/usr/src": READ_ONLY, "/lib/modules": READ_ONLY}),
    "caching off, shiftfs set all the same": ({"caching": False, "autoloadShiftfs": True}, {
        "/usr/src": READ_ONLY, "/lib/modules": READ_ONLY}),
    "caching on": ({"caching": True}, {
        "/usr/src": READ_ONLY, "/lib/modules": READ_ONLY, "/var/run": READ_ONLY_TREE,
        "/var/lib": READ_WRITE}),
    "caching and shiftfs on": ({"caching": True, "autoloadShiftfs": True}, {
        "/usr/src": READ_WRITE, "/lib/modules": READ_WRITE, "/var/run": READ_ONLY_TREE,
        "/var/lib": READ_WRITE}),
}
# Where the supervisor has a directory of the node; nothing of its own is there.
MOUNT_PATHS = {"/usr/src": "/usr/src", "/lib/modules": "/lib/modules",
               "/var/run": "/host/var/run", "/var/lib": "/host/var/lib"}
TYPES = {"/usr/src": "DirectoryOrCreate", "/lib/modules": "DirectoryOrCreate",
         "/var/run": "Directory", "/var/lib": "Directory"}
# What envbox and Sysbox keep, none of which may be on overlayfs.
STORES = {"/var/lib/coder/docker": "inner-docker",
          "/var/lib/coder/containers": "inner-containers",
          "/var/lib/docker": "docker", "/var/lib/containers": "containers"}
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"


def _volume_name(path: str) -> str:
    return "cvm" + path.replace("/", "-")


def _field(name: str, path: str) -> dict:
    return {"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}}


def _mounts(host_paths: dict) -> list[dict]:
    """All that the supervisor mounts, in order. The token's path is taken by an empty directory."""
    mounts = [{"name": _volume_name(path), "mountPath": MOUNT_PATHS[path], **access}
              for path, access in host_paths.items()]
    mounts += [{"name": "cvm-no-token", "mountPath": TOKEN, "readOnly": True},
               {"name": "cvm-sysbox", "mountPath": "/var/lib/sysbox"}]
    if "/var/lib" not in host_paths:
        return mounts + [{"name": "cvm-cache", "mountPath": path, "subPath": directory}
                         for path, directory in STORES.items()]
    own = "cvm-cache/$(CODER_CVM_NAMESPACE)/$(CODER_CVM_WORKSPACE)"
    return mounts + [{"name": "cvm-var-lib", "mountPath": path, "subPathExpr": f"{own}/{directory}"}
                     for path, directory in STORES.items()]


def _volumes(host_paths: dict) -> list[dict]:
    names = ["cvm-sysbox", *([] if "/var/lib" in host_paths else ["cvm-cache"]), "cvm-no-token"]
    return [{"name": _volume_name(path), "hostPath": {"path": path, "type": TYPES[path]}}
            for path in host_paths] + [{"name": name, "emptyDir": {}} for name in names]


def _supervisor(placement: str, host_paths: dict) -> dict:
    """The supervisor of `full_workspace`, with what the API server adds to every container."""
    def limit(name, resource):
        return {"name": name, "valueFrom": {"resourceFieldRef": {
            "containerName": "dev", "resource": resource, "divisor": "0"}}}

    cache = [_field("CODER_CVM_NAMESPACE", "metadata.namespace"),
             _field("CODER_CVM_WORKSPACE", "metadata.name")]
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
            *(cache if "/var/lib" in host_paths else []),
            {"name": "CODER_DOCKER_BRIDGE_CIDR", "value": "172.19.0.0/30"},
        ],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
        "securityContext": {"privileged": True, "runAsUser": 0, "runAsGroup": 0,
                            "runAsNonRoot": False},
        "volumeMounts": _mounts(host_paths),
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        **({"restartPolicy": "Always"} if placement == "sidecar" else {}),
    }


def _expected(plain: dict, placement: str, host_paths: dict) -> dict:
    pod = copy.deepcopy(plain)
    spec = pod["spec"]
    assert spec["containers"][0]["volumeMounts"][-1]["mountPath"] == TOKEN
    supervisor = _supervisor(placement, host_paths)
    if placement == "sidecar":
        spec["initContainers"].insert(0, supervisor)
    else:
        spec["containers"].append(supervisor)
    spec["volumes"] += _volumes(host_paths)
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


def _variables(container: dict) -> dict:
    return {item["name"]: item.get("value", item.get("valueFrom")) for item in container["env"]}


def _mount_at(container: dict, path: str) -> list[dict]:
    return [mount for mount in container["volumeMounts"] if mount["mountPath"] == path]


@pytest.mark.parametrize("placement", ["sidecar", "container"])
def test_the_supervisor_gets_the_pods_token_only_when_it_is_asked_for(
        cluster, kubectl, namespace, placement):
    for asked in (False, True):
        cluster.use({"supervisor": {"placement": placement, "serviceAccountToken": asked}})
        pod = kubectl.created(namespace, full_workspace(f"asked-{asked}".lower()))
        [mount] = _mount_at(supervisor_of(pod), TOKEN)
        assert mount["name"].startswith("kube-api-access-" if asked else "cvm-no-token")
        names = [volume["name"] for volume in pod["spec"]["volumes"]]
        assert ("cvm-no-token" in names) is not asked
        [workspaces] = _mount_at(next(item for item in pod["spec"]["containers"]
                                      if item["name"] == "dev"), TOKEN)
        assert workspaces["name"].startswith("kube-api-access-"), "the workspace keeps its own"


def test_a_workspace_without_limits_or_user_is_told_of_none(cluster, kubectl, namespace):
    cluster.use()
    pod = kubectl.created(namespace, workspace(container={"resources": {}}))
    given = _variables(supervisor_of(pod))
    assert given["CODER_INNER_USERNAME"] == "root"
    assert "CODER_CPUS" not in given and "CODER_MEMORY" not in given
    pod = kubectl.created(namespace, workspace("half", container={"resources": {
        "limits": {"cpu": "1500m", "memory": "1Gi"}}}))
    given = _variables(supervisor_of(pod))
    assert "CODER_CPUS" not in given, "it is a whole number"
    assert given["CODER_MEMORY"]["resourceFieldRef"]["resource"] == "limits.memory"


@pytest.mark.parametrize("key, expected", [
    ("team-a", "team-a"), ("a" * 63, "a" * 63), (None, None)])
def test_a_cache_key_chooses_the_workspaces_cache(cluster, kubectl, namespace, key, expected):
    cluster.use({"caching": True})
    annotations = {"cvm-webhook.io/cache-key": key} if key else None
    supervisor = supervisor_of(kubectl.created(namespace, workspace(annotations=annotations)))
    assert _variables(supervisor)["CODER_CVM_WORKSPACE"] == (
        expected or {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}})


@pytest.mark.parametrize("key", ["../kube-system/dev", "kube-system/dev", "..", ".", "", "Team",
                                 "$(CODER_INNER_IMAGE)", "a" * 64])
def test_a_cache_key_that_is_no_name_leads_nowhere(cluster, kubectl, namespace, key):
    """Refused, or the pod has the cache that it has without one."""
    cluster.use({"caching": True})
    outcome = kubectl.create(namespace, workspace(annotations={"cvm-webhook.io/cache-key": key}))
    if not outcome.ok:
        assert "cvm-webhook.io/cache-key" in outcome.stderr, outcome.stderr
        return
    supervisor = supervisor_of(kubectl.get("pod", "dev", "-n", namespace))
    assert _variables(supervisor)["CODER_CVM_WORKSPACE"] == {
        "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}


def test_paths_mount_paths_and_types_can_be_overridden(cluster, kubectl, namespace):
    changed = {"cvm-usr-src": "/usr/src:/host/src", "cvm-lib-modules": "/opt/modules:/lib/modules"}
    lines = "".join(f"{name}={paths}\n" for name, paths in changed.items())
    with policies.changed_parameters(kubectl, hostPaths=lines):
        cluster.use({"hostPaths": {"usrSrc": {"mountPath": "/host/src", "type": "Directory"},
                                   "libModules": {"path": "/opt/modules"}}})
        wait_for("the policies to know the paths", lambda: kubectl.create(
            namespace, full_workspace(), "--dry-run=server").ok)
        pod = kubectl.created(namespace, full_workspace())
    volumes = {volume["name"]: volume.get("hostPath") for volume in pod["spec"]["volumes"]}
    assert volumes["cvm-usr-src"] == {"path": "/usr/src", "type": "Directory"}
    assert volumes["cvm-lib-modules"] == {"path": "/opt/modules", "type": "DirectoryOrCreate"}
    mounts = {mount["name"]: mount["mountPath"]
              for mount in pod["spec"]["initContainers"][0]["volumeMounts"]}
    assert mounts["cvm-usr-src"] == "/host/src"
    assert mounts["cvm-lib-modules"] == "/lib/modules"
    cluster.use()
    wait_for("the shipped paths", lambda: kubectl.create(
        namespace, full_workspace("later"), "--dry-run=server").ok)
