"""Pods with every value that the Pod Security Standards speak of. The same from the same seed.

Each begins as a pod that satisfies level restricted, so that a change of one value decides alone.
"""

import random

from .webhook import merged

# The label by which a pod opts out of being a CVM.
OPTED_OUT = {"cvm-webhook.io/cvm": "false"}
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
# Places of a container; a sidecar is an init container that may have probes, hooks and ports.
PLACES = ("dev", "init", "sidecar")

_CONTAINER = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
_OF_POD_OR_CONTAINER = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


def _security(**fields) -> dict:
    return {"securityContext": fields}


def _capabilities(add=None, drop=("ALL",)) -> dict:
    return _security(capabilities={"add": add, "drop": list(drop) if drop is not None else None})


def _profiles(field: str) -> list[dict]:
    return [_security(**{field: profile}) for profile in (
        None, {"type": "RuntimeDefault"}, {"type": "Unconfined"},
        {"type": "Localhost", "localhostProfile": "profiles/x"})]


def _selinux() -> list[dict]:
    types = ("container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t",
             "container_file_t", "")
    return [_security(seLinuxOptions=options) for options in (
        *({"type": name} for name in types), {"user": "system_u"}, {"role": "system_r"},
        {"level": "s0:c1,c2"}, {})]


# What both a pod and a container may have.
COMMON = {
    "appArmorProfile": _profiles("appArmorProfile"),
    "seccompProfile": _profiles("seccompProfile"),
    "seLinuxOptions": _selinux(),
    "runAsNonRoot": [_security(runAsNonRoot=value) for value in (None, True, False)],
    "runAsUser": [_security(runAsUser=value) for value in (0, 1, 1000)],
}

_DEFAULT_SET = ("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
                "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT")

# What a container may have, merged into it.
CONTAINER = {
    **COMMON,
    "privileged": [_security(privileged=True, allowPrivilegeEscalation=None),
                   _security(privileged=False)],
    "allowPrivilegeEscalation": [_security(allowPrivilegeEscalation=value)
                                 for value in (None, True)],
    "capabilities": [
        *(_capabilities([name]) for name in _DEFAULT_SET), _capabilities(list(_DEFAULT_SET)),
        *(_capabilities([name]) for name in ("NET_RAW", "SYS_ADMIN", "ALL", "CAP_CHOWN", "chown")),
        _capabilities(["NET_BIND_SERVICE", "NET_ADMIN"]), _capabilities([]),
        _capabilities(None, ["NET_RAW"]), _capabilities(None, ["NET_RAW", "ALL"]),
        _capabilities(None, []), _capabilities(["CHOWN"], ["all"]), _security(capabilities=None)],
    "none": [{"securityContext": None}],
}

# What an init container may have only when it is a sidecar.
LASTING = {
    "hostPorts": [{"ports": [{"containerPort": 80, "hostPort": port}]} for port in (0, 80, 8080)]
    + [{"ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 81}]}],
    "probes": [
        {probe: {action: {"port": 80, "host": host}}}
        for probe in ("livenessProbe", "readinessProbe", "startupProbe")
        for action in ("httpGet", "tcpSocket") for host in ("bad.host", "")
    ] + [{"readinessProbe": {"httpGet": {"port": 80, "host": host}}}
         for host in ("127.0.0.1", "localhost", "::1")],
    "hooks": [
        {"lifecycle": {hook: {action: {"port": 80, "host": host}}}}
        for hook in ("postStart", "preStop")
        for action in ("httpGet", "tcpSocket") for host in ("8.8.8.8", "")],
}

_SAFE_SYSCTLS = {
    "kernel.shm_rmid_forced": "1", "net.ipv4.ip_local_port_range": "1024 65535",
    "net.ipv4.tcp_syncookies": "1", "net.ipv4.ping_group_range": "0 0",
    "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ip_local_reserved_ports": "8080",
    "net.ipv4.tcp_keepalive_time": "60", "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.tcp_keepalive_intvl": "60", "net.ipv4.tcp_keepalive_probes": "5",
    "net.ipv4.tcp_rmem": "4096 87380 16777216", "net.ipv4.tcp_wmem": "4096 65536 16777216"}


def _sysctls(**values) -> dict:
    return _security(sysctls=[{"name": name, "value": value} for name, value in values.items()])


_ALLOWED_VOLUMES = {
    "configMap": {"name": "x"}, "csi": {"driver": "csi.example.com"}, "downwardAPI": {},
    "emptyDir": {"medium": "Memory"}, "image": {"reference": "x"},
    "ephemeral": {"volumeClaimTemplate": {"spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}},
    "persistentVolumeClaim": {"claimName": "x"}, "projected": {"sources": []},
    "secret": {"secretName": "x"}}
_OTHER_VOLUMES = {
    "hostPath": {"path": "/x"}, "gcePersistentDisk": {"pdName": "x"},
    "awsElasticBlockStore": {"volumeID": "x"}, "gitRepo": {"repository": "x"},
    "nfs": {"server": "x", "path": "/x"},
    "iscsi": {"targetPortal": "1.2.3.4", "iqn": "iqn.2001-04.com.example:storage", "lun": 0},
    "glusterfs": {"endpoints": "x", "path": "x"}, "rbd": {"monitors": ["x"], "image": "x"},
    "flexVolume": {"driver": "example.com/x"}, "cinder": {"volumeID": "x"},
    "cephfs": {"monitors": ["x"]}, "flocker": {"datasetName": "x"},
    "fc": {"targetWWNs": ["x"], "lun": 0}, "azureFile": {"secretName": "x", "shareName": "x"},
    "vsphereVolume": {"volumePath": "x"}, "quobyte": {"registry": "x:1", "volume": "x"},
    "azureDisk": {"diskName": "x", "diskURI": "https://example.com/subscriptions/x"},
    "portworxVolume": {"volumeID": "x"}, "photonPersistentDisk": {"pdID": "x"},
    "scaleIO": {"gateway": "x", "system": "x", "volumeName": "x", "secretRef": {"name": "x"}},
    "storageos": {"volumeName": "x"}}


def _volume(*sources: tuple) -> dict:
    return {"volumes": [{"name": f"v{number}", **({kind: source} if kind else {})}
                        for number, (kind, source) in enumerate(sources)]}


# What a pod may have, merged into its spec.
POD = {
    **COMMON,
    "hostNamespaces": [{name: value} for name in ("hostNetwork", "hostPID", "hostIPC")
                       for value in (True, False)] + [{"hostNetwork": True, "hostPID": True}],
    "sysctls": [_sysctls(**{name: value}) for name, value in _SAFE_SYSCTLS.items()]
    + [_sysctls(**_SAFE_SYSCTLS), _sysctls()]
    + [_sysctls(**{name: "1"}) for name in ("kernel.msgmax", "net.core.somaxconn",
                                            "net/ipv4/tcp_syncookies", "net.ipv4.tcp_mem")],
    "volumes": [_volume(one) for one in _ALLOWED_VOLUMES.items()]
    + [_volume(one) for one in _OTHER_VOLUMES.items()]
    + [_volume((None, None)), _volume(*_ALLOWED_VOLUMES.items()),
       _volume(("emptyDir", {}), ("hostPath", {"path": "/x"}), ("nfs", _OTHER_VOLUMES["nfs"]))],
    "none": [{"securityContext": None}],
}
ANNOTATIONS = [{APP_ARMOR + name: profile} for name in ("dev", "init") for profile in (
    "runtime/default", "localhost/x", "unconfined", "")] + [
    {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}]

# Only in a user namespace does the API server take Unmasked.
_PROC_MOUNTS = [_security(procMount=value) for value in ("Default", "Unmasked")]
# What the API server takes of a pod for Windows.
WINDOWS = [
    ({}, {}), ({}, _security(runAsNonRoot=True)), ({}, _security(runAsNonRoot=False)),
    (_security(runAsNonRoot=True), {}),
    (_security(runAsNonRoot=True), _security(windowsOptions={"hostProcess": False})),
    (_security(runAsNonRoot=True), _security(windowsOptions={"runAsUserName": "ContainerUser"})),
    ({"hostNetwork": True}, _security(windowsOptions={"hostProcess": True})),
    ({"hostNetwork": True, **_security(windowsOptions={"hostProcess": True})}, {}),
    ({"hostNetwork": True}, {}), (_security(runAsNonRoot=True), LASTING["hostPorts"][1]),
    (_security(runAsNonRoot=True), LASTING["probes"][0]),
    (_volume(("hostPath", {"path": "/x"})), {}),
    (merged(_security(runAsNonRoot=True), _volume(("nfs", _OTHER_VOLUMES["nfs"]))), {}),
]


def hardened(by_pod: bool = True) -> dict:
    """A pod that satisfies level restricted, by its own securityContext or by its containers'."""
    own = {} if by_pod else _OF_POD_OR_CONTAINER
    security = {**_CONTAINER, **own}
    container = {"image": "x", "securityContext": security}
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"labels": OPTED_OUT},
        "spec": {
            "securityContext": _OF_POD_OR_CONTAINER if by_pod else {},
            "initContainers": [{"name": "sidecar", **container, "restartPolicy": "Always"},
                               {"name": "init", **container}],
            "containers": [{"name": "dev", **container}],
        },
    }


def with_container(pod: dict, place: str, fragment: dict) -> dict:
    lists = {kind: [merged(item, fragment) if item["name"] == place else item
                    for item in pod["spec"][kind]] for kind in ("initContainers", "containers")}
    return merged(pod, {"spec": lists})


def with_spec(pod: dict, fragment: dict) -> dict:
    return merged(pod, {"spec": fragment})


def _one_change() -> list[dict]:
    pods = [hardened(), hardened(by_pod=False), with_spec(hardened(), {"hostUsers": True})]
    for fragments in POD.values():
        pods += [with_spec(hardened(by_pod), fragment) for fragment in fragments
                 for by_pod in ((True, False) if "securityContext" in fragment else (True,))]
    for place in PLACES:
        for fragments in CONTAINER.values():
            pods += [with_container(hardened(), place, fragment) for fragment in fragments]
    for place in ("dev", "sidecar"):
        for fragments in LASTING.values():
            pods += [with_container(hardened(), place, fragment) for fragment in fragments]
    pods += [merged(hardened(), {"metadata": {"annotations": one}}) for one in ANNOTATIONS]
    return pods


def _in_user_namespace() -> list[dict]:
    """What the standards allow there, and the same outside."""
    pods = []
    for host_users in (False, True):
        for by_pod in (True, False):
            base = with_spec(hardened(by_pod), {"hostUsers": host_users})
            pods += [with_container(base, place, fragment)
                     for place in PLACES for fragment in _PROC_MOUNTS]
            for fragment in COMMON["runAsNonRoot"] + COMMON["runAsUser"]:
                pods += [with_spec(base, fragment), with_container(base, "dev", fragment)]
    return pods


def _for_windows() -> list[dict]:
    return [{"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": OPTED_OUT},
             "spec": merged({"os": {"name": "windows"}, "containers": [
                 merged({"name": "dev", "image": "x"}, container)]}, spec)}
            for spec, container in WINDOWS]


def _changed_at_random(chosen: random.Random) -> dict:
    pod = hardened(by_pod=chosen.random() < 0.5)
    if chosen.random() < 0.3:
        pod = with_spec(pod, {"hostUsers": False})
    for _ in range(chosen.randint(2, 5)):
        if chosen.random() < 0.4:
            pod = with_spec(pod, chosen.choice(POD[chosen.choice(list(POD))]))
            continue
        place = chosen.choice(PLACES)
        known = CONTAINER if place == "init" else {**CONTAINER, **LASTING}
        pod = with_container(pod, place, chosen.choice(known[chosen.choice(list(known))]))
    return pod


def generate(seed: int, at_random: int) -> list[dict]:
    chosen = random.Random(seed)
    pods = _one_change() + _in_user_namespace() + _for_windows() + [
        _changed_at_random(chosen) for _ in range(at_random)]
    return [merged(pod, {"metadata": {"name": f"generated-{number:03}"}})
            for number, pod in enumerate(pods)]


def ephemeral_containers() -> list[dict]:
    """Containers for the subresource ephemeralcontainers: one value each."""
    base = {"name": "debug", "image": "x", "securityContext": _CONTAINER}
    return [base] + [merged(base, fragment)
                     for fragments in CONTAINER.values() for fragment in fragments]
