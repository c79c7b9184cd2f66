"""What the Pod Security Standards forbid: cvm-webhook's answer and the API server's own.

Each generated pod (harness/pod_security_pods.py) is created, as a dry run, in a namespace in which
the API server's admission plugin PodSecurity enforces a level, and in one that takes part here, with
the pod opted out of being a CVM and the settings on the same level. Both must give the same verdict,
for the same controls. A pod that the API server finds invalid gets to neither.
"""

import collections
import json
import re

import pytest

from harness import pod_security_pods
from harness.api import Api
from harness.cluster import WORKSPACES

SEED = 5
AT_RANDOM = 200
LEVELS = ("baseline", "restricted")
# How the plugin names a control, and this webhook. The first that fits a level counts.
CONTROLS = {
    "host namespaces": ("host-namespaces",),
    "privileged": ("privileged",),
    "non-default capabilities": ("capabilities-baseline",),
    "hostPath volumes": ("host-path-volumes",),
    "hostPort": ("host-ports",),
    "probe or lifecycle host": ("host-probes",),
    "forbidden AppArmor profile": ("app-armor",),
    "forbidden AppArmor profiles": ("app-armor",),
    "seLinuxOptions": ("selinux",),
    "procMount": ("proc-mount", "proc-mount-restricted"),
    "seccompProfile": ("seccomp-baseline", "seccomp-restricted"),
    "forbidden sysctls": ("sysctls",),
    "hostProcess": ("windows-host-process",),
    "restricted volume types": ("volume-types",),
    "allowPrivilegeEscalation != false": ("privilege-escalation",),
    "runAsNonRoot != true": ("run-as-non-root",),
    "runAsUser=0": ("run-as-user",),
    "unrestricted capabilities": ("capabilities-restricted",),
}
_SHARED = {"host-namespaces", "privileged", "host-ports", "host-probes", "app-armor", "selinux",
           "sysctls", "windows-host-process"}
# The controls that hold at each level. The API server itself takes Unmasked in a user namespace
# only, where baseline allows it.
SEEN = {
    "baseline": _SHARED | {"capabilities-baseline", "host-path-volumes", "seccomp-baseline"},
    "restricted": _SHARED | {
        "capabilities-restricted", "volume-types", "seccomp-restricted", "proc-mount-restricted",
        "privilege-escalation", "run-as-non-root", "run-as-user"},
}
INVALID = 422


def _named_by_the_plugin(message: str, level: str) -> set[str]:
    violated = re.search(rf'violates PodSecurity "{level}:latest": (.+)', message, re.DOTALL)
    assert violated, message
    names = {reason for reason in CONTROLS
             if re.search(rf"(?:^|, ){re.escape(reason)} \(", violated[1])}
    assert names, message
    return {CONTROLS[name][-1 if level == "restricted" else 0] for name in names}


def _named_by_the_webhook(message: str, _: str) -> set[str]:
    assert 'admission webhook "validate.cvm-webhook.io" denied the request' in message, message
    rules = re.findall(r"cvm/([a-z-]+): ", message)
    assert rules and all(rule.startswith("pod-security-") for rule in rules), message
    return {rule.removeprefix("pod-security-") for rule in rules}


def _answer(status: int, answer: dict, level: str, named) -> set[str] | None:
    """The controls that refuse; none: allowed; None: invalid."""
    if status == INVALID:
        return None
    if status < 300:
        return set()
    assert status == 403, answer
    return named(answer["message"], level)


def _created(api: Api, namespace: str, pods: list[dict], level: str, named) -> list:
    path = f"/api/v1/namespaces/{namespace}/pods?dryRun=All"
    return api.map(lambda pod: _answer(*api.try_call("POST", path, pod), level, named), pods)


def _debugged(api: Api, namespace: str, containers: list[dict], level: str, named) -> list:
    """Each as an ephemeral container of a pod that satisfies the level."""
    pod = pod_security_pods.with_spec(
        pod_security_pods.hardened(), {"schedulingGates": [{"name": "example.com/for-good"}]})
    pod["metadata"] = {"name": "debugged", **pod["metadata"]}
    path = f"/api/v1/namespaces/{namespace}/pods"
    api("POST", path, pod)

    def attach(container: dict):
        return _answer(*api.try_call(
            "PATCH", f"{path}/debugged/ephemeralcontainers?dryRun=All",
            {"spec": {"ephemeralContainers": [container]}},
            "application/strategic-merge-patch+json"), level, named)

    try:
        return api.map(attach, containers)
    finally:
        api("DELETE", f"{path}/debugged?gracePeriodSeconds=0")


def _compare(asked: list[dict], plugin: list, webhook: list, level: str, what: str,
             tell) -> set[str]:
    """Asserts that both say the same; the controls that were seen to refuse."""
    differences = [
        f"{json.dumps(item)}\n  the API server: {theirs}\n  cvm-webhook: {ours}"
        for item, theirs, ours in zip(asked, plugin, webhook) if theirs != ours]
    assert not differences, f"{len(differences)} of {len(asked)} {what}:\n" + "\n".join(differences[:10])
    refused = [controls for controls in plugin if controls]
    invalid = sum(controls is None for controls in plugin)
    seen = collections.Counter(control for controls in refused for control in controls)
    tell(f"Pod Security, level {level}: {len(asked) - invalid} {what} with the API server's verdict: "
         f"{len(asked) - invalid - len(refused)} allowed, {len(refused)} refused "
         f"({', '.join(f'{name} {count}' for name, count in sorted(seen.items()))}); "
         f"{invalid} more are invalid")
    assert invalid <= len(asked) // 10, "too many pods that no API server takes"
    return set(seen)


@pytest.mark.parametrize("level", LEVELS)
def test_every_pod_gets_the_verdict_of_the_api_servers_own_pod_security(cluster, level, tell):
    enforcing = cluster.new_namespace({"pod-security.kubernetes.io/enforce": level})
    ours = cluster.new_namespace(WORKSPACES)
    cluster.use({"isolation": {"podSecurity": level}})
    pods = pod_security_pods.generate(SEED, AT_RANDOM)
    assert len(pods) >= 250
    with Api(cluster.control_plane) as api:
        plugin = _created(api, enforcing, pods, level, _named_by_the_plugin)
        webhook = _created(api, ours, pods, level, _named_by_the_webhook)
    assert _compare(pods, plugin, webhook, level, "pods", tell) == SEEN[level]


@pytest.mark.parametrize("level", LEVELS)
def test_every_ephemeral_container_gets_the_verdict_of_the_api_servers_own_pod_security(
        cluster, level, tell):
    enforcing = cluster.new_namespace({"pod-security.kubernetes.io/enforce": level})
    ours = cluster.new_namespace(WORKSPACES)
    cluster.use({"isolation": {"podSecurity": level}})
    containers = pod_security_pods.ephemeral_containers()
    with Api(cluster.control_plane) as api:
        plugin = _debugged(api, enforcing, containers, level, _named_by_the_plugin)
        webhook = _debugged(api, ours, containers, level, _named_by_the_webhook)
    _compare(containers, plugin, webhook, level, "ephemeral containers", tell)
