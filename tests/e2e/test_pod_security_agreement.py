"""What the Pod Security Standards forbid: cvm-webhook's answer and the API server's own.

Each generated pod (harness/pod_security_pods.py) is created, as a dry run, in a namespace in which
the API server's admission plugin PodSecurity enforces a level, and in one that takes part here, with
the pod opted out of being a CVM and the settings on the same level. Both must give the same verdict.
The webhook alone, without the admission policy that refuses some of these pods before it, must also
name the same controls. A pod that the API server finds invalid gets to neither.
"""

import collections
import itertools
import json
import re
import subprocess

import pytest

from harness import pod_security_pods, policies
from harness.api import Api
from harness.cluster import WORKSPACES
from harness.pods import workspace
from harness.processes import wait_for

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


LEVEL_LABEL = "pod-security.kubernetes.io/enforce"
POLICY = "cvm-webhook-isolation"
KINDS = ("pods", "ephemeral containers")


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


def _named_by_either(message: str, level: str) -> set[str]:
    if f"ValidatingAdmissionPolicy '{POLICY}'" in message:
        return {POLICY}
    return _named_by_the_webhook(message, level)


def _answer(called: tuple, level: str, named) -> set[str] | None:
    """The controls that refuse; none: allowed; None: invalid."""
    status, answer = called
    if status == INVALID:
        return None
    if status < 300:
        return set()
    assert status == 403, answer
    return named(answer["message"], level)


def _create_pods(api: Api, namespace: str, pods: list[dict]) -> list:
    path = f"/api/v1/namespaces/{namespace}/pods?dryRun=All"
    return api.map(lambda pod: api.try_call("POST", path, pod), pods)


def _attach(api: Api, namespace: str, containers: list[dict]) -> list:
    """Each as an ephemeral container of a pod that satisfies every level."""
    pod = pod_security_pods.with_spec(
        pod_security_pods.hardened(), {"schedulingGates": [{"name": "example.com/for-good"}]})
    pod["metadata"] = {"name": "debugged", **pod["metadata"]}
    path = f"/api/v1/namespaces/{namespace}/pods"
    api("POST", path, pod)
    try:
        return api.map(lambda container: api.try_call(
            "PATCH", f"{path}/debugged/ephemeralcontainers?dryRun=All",
            {"spec": {"ephemeralContainers": [container]}},
            "application/strategic-merge-patch+json"), containers)
    finally:
        api("DELETE", f"{path}/debugged?gracePeriodSeconds=0")


def _without_the_policy(kubectl, namespace: str):
    """Returns when the API server has learned that the policy holds no more."""
    pod = workspace("probe", labels=pod_security_pods.OPTED_OUT, hostPID=True)
    wait_for("the policy to be gone", lambda: policies.POLICY not in kubectl.create(
        namespace, pod, "--dry-run=server").stderr)


@pytest.fixture(scope="module")
def answers(cluster):
    """(level, kind) -> what was asked about, the plugin's answers, those of a cluster as shipped,
    those of the webhook alone."""
    asked = {"pods": pod_security_pods.generate(SEED, AT_RANDOM),
             "ephemeral containers": pod_security_pods.ephemeral_containers()}
    ask = {"pods": _create_pods, "ephemeral containers": _attach}
    given = {key: [asked[key[1]]] for key in itertools.product(LEVELS, KINDS)}
    ours = cluster.new_namespace(WORKSPACES)
    with Api(cluster.control_plane) as api:
        def add(level: str, namespace: str, named):
            for kind in KINDS:
                given[level, kind].append([_answer(called, level, named) for called in ask[kind](
                    api, namespace, asked[kind])])

        for level in LEVELS:
            add(level, cluster.new_namespace({LEVEL_LABEL: level}), _named_by_the_plugin)
        for level in LEVELS:
            cluster.use({"isolation": {"podSecurity": level}})
            add(level, ours, _named_by_either)
        with policies.without(cluster.kubectl, POLICY):
            _without_the_policy(cluster.kubectl, ours)
            for level in LEVELS:
                cluster.use({"isolation": {"podSecurity": level}})
                add(level, ours, _named_by_the_webhook)
    return given


def _expect_the_same(asked: list[dict], plugin: list, ours: list):
    differences = [
        f"{json.dumps(item)}\n  the API server: {theirs}\n  here: {mine}"
        for item, theirs, mine in zip(asked, plugin, ours) if theirs != mine]
    shown = "\n".join(differences[:10])
    assert not differences, f"{len(differences)} of {len(asked)}:\n{shown}"


def _verdicts(answers: list) -> list:
    return [None if controls is None else "refused" if controls else "allowed"
            for controls in answers]


def test_every_rule_of_pod_security_stands_for_a_control(cluster):
    listed = subprocess.run([cluster.binary, "rules", "list"], check=True, capture_output=True,
                            text=True).stdout
    rules = set(re.findall(r"^pod-security-([a-z-]+)\s", listed, re.MULTILINE))
    assert rules == set(itertools.chain(*CONTROLS.values()))


def test_kubectl_debug_works_with_the_profile_of_the_level(cluster, kubectl):
    namespace = cluster.new_namespace(WORKSPACES)
    kubectl.created(namespace, pod_security_pods.with_spec(
        {**pod_security_pods.hardened(), "metadata": {"name": "dev"}},
        {"schedulingGates": [{"name": "example.com/for-good"}]}))
    for level in LEVELS:
        cluster.use({"isolation": {"podSecurity": level}})

        def debug(*more):
            return kubectl.try_run("debug", "dev", "-n", namespace, "--image=busybox", *more)

        refused = debug()
        assert "cvm/pod-security-capabilities-" in refused.stderr
        assert f"kubectl debug --profile={level}" in refused.stderr
        done = debug(f"--profile={level}")
        assert done.ok, done.stderr


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS)
def test_the_verdict_is_that_of_the_api_servers_own_pod_security(answers, level, kind, tell):
    asked, plugin, as_shipped, _ = answers[level, kind]
    _expect_the_same(asked, _verdicts(plugin), _verdicts(as_shipped))
    count = collections.Counter(_verdicts(plugin))
    tell(f"Pod Security, {level}: {len(asked) - count[None]} {kind} with the API server's verdict, "
         f"{count['allowed']} allowed, {count['refused']} refused; {count[None]} more are invalid")
    assert count[None] <= len(asked) // 10, "too many that no API server takes"
    assert min(count["allowed"], count["refused"]) >= len(asked) // 5, "too one-sided"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS)
def test_the_controls_that_refuse_are_those_of_the_api_servers_own_pod_security(
        answers, level, kind, tell):
    asked, plugin, _, alone = answers[level, kind]
    _expect_the_same(asked, plugin, alone)
    seen = collections.Counter(control for controls in plugin for control in controls or ())
    tell(f"Pod Security, {level}, {kind} refused by control: "
         f"{', '.join(f'{name} {count}' for name, count in sorted(seen.items()))}")
    if kind == "pods":
        assert len(asked) >= 250
        assert set(seen) == SEEN[level]
