"""What holds when nobody asks the webhook: the policies in the API server keep the hard rules.

The webhook is up while a CVM and an ordinary pod are made. Then an administrator sets failurePolicy
to Ignore everywhere and no instance runs: each attempt must be refused by the policy that is there
for it, and must go through once that policy's binding is gone.
"""

import collections.abc
import copy
import dataclasses
import json

import pytest
from harness import manifests, policies
from harness.api import Api
from harness.cluster import WORKSPACES, Cluster
from harness.pods import supervisor_of, workspace
from harness.processes import wait_for

OPTED_OUT = {"cvm-webhook.io/cvm": "false"}
SUPERVISOR = {"name": "cvm-supervisor", "image": "ghcr.io/coder/envbox:latest",
              "command": ["/envbox", "docker"]}
PLAN_PATH = "cvm-webhook.io/plan"
EVIL = "registry.example.com/evil:1"
# The last step of a call that the policies let through: nobody runs the pod.
NOT_RUNNING = "pod dev does not have a host assigned"


@dataclasses.dataclass
class Down:
    """A cluster whose webhook is down and ignored."""

    cluster: Cluster
    api: Api
    namespace: str  # takes part; has the CVMs dev and beside, and plain, which opted out
    outside: str
    cvm: dict
    cached: dict  # a CVM with caching

    @property
    def kubectl(self):
        return self.cluster.kubectl

    def call(self, method: str, path: str, *body) -> tuple[int, str]:
        """(HTTP status, message) of a call in the namespace that takes part."""
        status, answer = self.api.try_call(method, f"/api/v1/namespaces/{self.namespace}/{path}",
                                           *body)
        return status, answer.get("message", "")

    def create(self, pod: dict, namespace: str | None = None) -> tuple[int, str]:
        pod["metadata"]["name"] = "other"  # than those that are there
        status, answer = self.api.try_call(
            "POST", f"/api/v1/namespaces/{namespace or self.namespace}/pods?dryRun=All", pod)
        return status, answer.get("message", "")

    def patch(self, pod: str, change: dict) -> tuple[int, str]:
        """`pod` may name a subresource."""
        return self.call("PATCH", f"pods/{pod}?dryRun=All", change,
                         "application/strategic-merge-patch+json")

    def restored(self, change=lambda pod, supervisor: None, cached: bool = False) -> dict:
        """The CVM as from a backup, or as forged by who has seen one."""
        stored = self.cached if cached else self.cvm
        spec = copy.deepcopy(stored["spec"])
        spec.pop("nodeName", None)
        pod = {"apiVersion": "v1", "kind": "Pod", "spec": spec, "metadata": {
            "name": "forged", "annotations": dict(stored["metadata"]["annotations"])}}
        change(pod, supervisor_of(pod))
        return pod


@pytest.fixture(scope="module")
def down(new_cluster):
    with new_cluster() as cluster, Api(cluster.control_plane) as api:
        kubectl = cluster.kubectl
        namespace, outside = cluster.new_namespace(WORKSPACES), cluster.new_namespace()
        # Nobody schedules them, so an exec that is let through fails, and always in the same way.
        cvm = kubectl.created(namespace, workspace(schedulerName="nobody"))
        kubectl.created(namespace, workspace("plain", labels=OPTED_OUT, schedulerName="nobody"))
        assert supervisor_of(cvm)
        cluster.use({"supervisor": {"placement": "container"}})
        assert "restartPolicy" not in supervisor_of(
            kubectl.created(namespace, workspace("beside", schedulerName="nobody")))
        cluster.use({"caching": True})
        cached = kubectl.created(namespace, workspace("cached", schedulerName="nobody"))
        manifests.change_webhooks(kubectl, lambda webhook: {"failurePolicy": "Ignore"})
        cluster.balancer.route_to()
        cluster.webhooks.stop()
        down = Down(cluster, api, namespace, outside, cvm, cached)
        wait_for("pods to be made without the webhook", lambda: down.create(workspace())[0] == 201)
        for policy in policies.names(kubectl):
            wait_until_in_force(down, policy)
        yield down


@dataclasses.dataclass
class Attempt:
    policy: str
    told: str  # what the refusal says after the policy's name
    run: collections.abc.Callable[[Down], tuple[int, str]]
    passes: str = ""  # what the API server says when no policy refuses; nothing: it goes through

    def refused(self, down: Down) -> bool:
        return self.outcome(down).startswith("refused")

    def outcome(self, down: Down) -> str:
        status, message = self.run(down)
        if f"ValidatingAdmissionPolicy 'cvm-webhook-{self.policy}' with binding" in message:
            return f"refused with {status}: {message}"
        if (status < 300 and not self.passes) or (self.passes and self.passes in message):
            return "goes through"
        return f"fails otherwise, with {status}: {message}"


def _reserved(told: str, run) -> Attempt:
    return Attempt("reserved-names", f"cvm/reserved-name: {told}", run)


def _forged(told: str, change) -> Attempt:
    return _reserved(told, lambda down: down.create(down.restored(change)))


def _forged_supervisor(told: str, **fields) -> Attempt:
    return _forged(f'container "cvm-supervisor" {told}',
                   lambda pod, supervisor: supervisor.update(fields))


def _supervisor_with(told: str, field: str, item: dict) -> Attempt:
    """`item` appended to a list of the supervisor's."""
    return _forged(f'container "cvm-supervisor" {told}',
                   lambda pod, supervisor: supervisor[field].append(item))


def _own_volume(mount: dict):
    def change(pod: dict, supervisor: dict):
        pod["spec"]["volumes"].append({"name": "mine", "emptyDir": {}})
        supervisor["volumeMounts"].append({"name": "mine", **mount})
    return change


def _own_disk(pod: dict, supervisor: dict):
    pod["spec"]["volumes"].append(
        {"name": "disk", "persistentVolumeClaim": {"claimName": "disk"}})
    supervisor["volumeDevices"] = [{"name": "disk", "devicePath": "/dev/disk"}]


def _cached(told: str, change) -> Attempt:
    return _reserved(told, lambda down: down.create(down.restored(change, cached=True)))


def _variable(name: str, **source):
    """Another value of one of the supervisor's variables."""
    def change(pod: dict, supervisor: dict):
        supervisor["env"] = [item for item in supervisor["env"] if item["name"] != name]
        supervisor["env"].append({"name": name, **source})
    return change


def _cache_key(key: str):
    def change(pod: dict, supervisor: dict):
        pod["metadata"]["annotations"]["cvm-webhook.io/cache-key"] = key
        _variable("CODER_CVM_WORKSPACE", value=key)(pod, supervisor)
    return change


def _mount(path: str, **fields):
    """Changes the supervisor's mount at that path."""
    def change(pod: dict, supervisor: dict):
        [mount] = [item for item in supervisor["volumeMounts"] if item["mountPath"] == path]
        mount.update(fields)
    return change


def _writable_run(pod: dict, supervisor: dict):
    [mount] = [item for item in supervisor["volumeMounts"] if item["name"] == "cvm-var-run"]
    del mount["readOnly"], mount["recursiveReadOnly"]


def _sysbox_from_a_secret(pod: dict, supervisor: dict):
    [volume] = [item for item in pod["spec"]["volumes"] if item["name"] == "cvm-sysbox"]
    del volume["emptyDir"]
    volume["secret"] = {"secretName": "mine"}


def _volume(index: int, **fields):
    """Changes one of the supervisor's volumes."""
    def change(pod: dict, supervisor: dict):
        own = [volume for volume in pod["spec"]["volumes"] if volume["name"].startswith("cvm-")]
        own[index].update(fields)
    return change


def _without(item: dict, field: str) -> dict:
    return {key: value for key, value in item.items() if key != field}


def _mount_by_user(pod: dict, supervisor: dict):
    pod["spec"]["containers"][0].setdefault("volumeMounts", []).append(
        {"name": "cvm-usr-src", "mountPath": "/src"})


def _debug(pod: str, **fields):
    """What kubectl debug does."""
    container = {"name": "debug", "image": "busybox", **fields}
    return lambda down: down.patch(f"{pod}/ephemeralcontainers",
                                   {"spec": {"ephemeralContainers": [container]}})


def _isolated(told: str, pod: dict) -> Attempt:
    return Attempt("isolation", told, lambda down: down.create(pod))


def _enter(verb: str, query: str) -> Attempt:
    return Attempt("supervisor-access", 'cvm/supervisor-access: container "cvm-supervisor" is the',
                   lambda down: down.call("POST", f"pods/dev/{verb}?{query}"), passes=NOT_RUNNING)


def _changed(told: str, target: str, change: dict) -> Attempt:
    return Attempt("plan-unchanged", f"cvm/plan-changed: {told}",
                   lambda down: down.patch(target, change))


def _outside(told: str, pod: dict) -> Attempt:
    return Attempt("outside-namespaces", f"cvm/outside-namespace: the pod has {told}, as CVMs do, and "
                   "namespace ", lambda down: down.create(pod, down.outside))


def _privileged(**more) -> dict:
    return workspace(container={"securityContext": {"privileged": True}}, **more)


def _capable(*names: str, **more) -> dict:
    return workspace(container={"securityContext": {"capabilities": {"add": list(names)}}}, **more)


def _beside(container: dict) -> dict:
    pod = workspace()
    pod["spec"]["containers"].append(container)
    return pod


def _host_path(**more) -> dict:
    return workspace(volumes=[{"name": "node", "hostPath": {"path": "/"}}], **more)


_COMMAND = "has a command, arguments, probes, life cycle hooks or a working directory that"
_ENVIRONMENT = "has an environment that cvm-webhook does not give it"
_MOUNT = "has a mount that cvm-webhook does not give it"
_CACHE = "the supervisor's CODER_CVM_NAMESPACE and CODER_CVM_WORKSPACE name another cache"
_RUN = {"exec": {"command": ["sh", "-c", "nsenter -t 1 -m sh"]}}
_OWN_PLAN = {"metadata": {"annotations": {PLAN_PATH: "v1:fedcba9876543210"}}}
_STAYS = 'container "cvm-supervisor" of a CVM stays as it was made'

ATTEMPTS = {
    # Reserved names, in pods that the webhook did not make
    "a supervisor of one's own": _reserved(
        'container "cvm-supervisor" is in a pod that cvm-webhook did not make a CVM',
        lambda down: down.create(workspace(initContainers=[SUPERVISOR]))),
    "a supervisor of one's own, opted out": _reserved(
        'container "cvm-supervisor" is in a pod that cvm-webhook did not make a CVM',
        lambda down: down.create(workspace(labels=OPTED_OUT, initContainers=[SUPERVISOR]))),
    "the plan's annotation with another value": _forged(
        'container "cvm-supervisor" is in a pod that cvm-webhook did not make a CVM',
        lambda pod, supervisor: pod["metadata"]["annotations"].update({PLAN_PATH: "v1:mine"})),
    "a volume with a reserved name": _reserved(
        'volume "cvm-usr-src" is in a pod that cvm-webhook did not make a CVM',
        lambda down: down.create(workspace(volumes=[{"name": "cvm-usr-src", "emptyDir": {}}]))),
    # Forged CVMs
    "another path of the node": _forged("a volume whose name begins with cvm- is not one",
                                        _volume(0, hostPath={"path": "/", "type": ""})),
    "the path of another volume": _forged("a volume whose name begins with cvm- is not one",
                                          _volume(0, hostPath={"path": "/var/lib", "type": ""})),
    "one more reserved volume": _forged(
        "a volume whose name begins with cvm- is not one",
        lambda pod, supervisor: pod["spec"]["volumes"].append({"name": "cvm-x", "emptyDir": {}})),
    "a reserved volume mounted by a user's container": _forged(
        'container "dev" mounts a volume whose name begins with cvm-', _mount_by_user),
    "a supervisor alone, that is entered without a name": _forged(
        'container "cvm-supervisor" is the pod\'s only container',
        lambda pod, supervisor: pod["spec"].update(
            initContainers=[], containers=[{**_without(supervisor, "restartPolicy"), "env": []}])),
    "an image of one's own": _forged_supervisor(f'runs image "{EVIL}" and that is not', image=EVIL),
    "a command": _forged_supervisor(_COMMAND, command=["sh"]),
    "more words to the command": _forged_supervisor(_COMMAND, command=["/envbox", "docker", "-x"]),
    "the image's own command": _forged_supervisor(_COMMAND, command=[]),
    "arguments": _forged_supervisor(_COMMAND, args=["-c", "true"]),
    "a hook": _forged_supervisor(_COMMAND, lifecycle={"postStart": _RUN}),
    "a startup probe": _forged_supervisor(_COMMAND, startupProbe=_RUN),
    "a liveness probe": _forged_supervisor(_COMMAND, livenessProbe=_RUN),
    "a readiness probe": _forged_supervisor(_COMMAND, readinessProbe=_RUN),
    "a working directory": _forged_supervisor(_COMMAND, workingDir="/tmp"),
    "the node's files passed on": _supervisor_with(
        _ENVIRONMENT, "env", {"name": "CODER_MOUNTS", "value": "/var/lib:/node"}),
    "a library preloaded": _supervisor_with(
        _ENVIRONMENT, "env", {"name": "LD_PRELOAD", "value": "/x.so"}),
    "a variable from a Secret": _supervisor_with(
        _ENVIRONMENT, "env", {"name": "CODER_AGENT_TOKEN", "valueFrom": {
            "secretKeyRef": {"name": "mine", "key": "token"}}}),
    "an environment from a Secret": _forged_supervisor(
        _ENVIRONMENT, envFrom=[{"secretRef": {"name": "mine"}}]),
    "a volume of one's own": _forged(f'container "cvm-supervisor" {_MOUNT}',
                                     _own_volume({"mountPath": "/usr/local"})),
    "a volume of one's own, read-only": _forged(
        f'container "cvm-supervisor" {_MOUNT}',
        _own_volume({"mountPath": "/usr/local", "readOnly": True})),
    "a volume of one's own among the secrets": _forged(
        f'container "cvm-supervisor" {_MOUNT}', _own_volume({"mountPath": "/var/run/secrets/x"})),
    "a way out of the secrets": _forged(
        f'container "cvm-supervisor" {_MOUNT}',
        _own_volume({"mountPath": "/var/run/secrets/../../x", "readOnly": True})),
    "a part of the node's directory": _supervisor_with(
        _MOUNT, "volumeMounts", {"name": "cvm-usr-src", "mountPath": "/envbox", "subPath": "mine"}),
    "a part that a variable names": _supervisor_with(
        _MOUNT, "volumeMounts", {"name": "cvm-usr-src", "mountPath": "/envbox",
                                 "subPathExpr": "$(CODER_INNER_IMAGE)"}),
    "a disk of one's own": _forged(f'container "cvm-supervisor" {_MOUNT}', _own_disk),
    "a mount that reaches the node": _supervisor_with(
        _MOUNT, "volumeMounts", {"name": "cvm-usr-src", "mountPath": "/x",
                                 "mountPropagation": "Bidirectional"}),
    "the supervisor's own files from a Secret": _forged(
        "a volume whose name begins with cvm- is not one", _sysbox_from_a_secret),
    "a directory of the node in place of an empty one": _forged(
        "a volume whose name begins with cvm- is not one",
        lambda pod, supervisor: pod["spec"]["volumes"].append(
            {"name": "cvm-usr-lib", "hostPath": {"path": "/"}})),
    "an empty directory over programs": _forged(
        f'container "cvm-supervisor" {_MOUNT}', _mount("/var/lib/sysbox", mountPath="/usr/bin")),
    "images in another directory": _forged(
        f'container "cvm-supervisor" {_MOUNT}', _mount("/var/lib/docker", subPath="inner-docker")),
    "the node's directory in the supervisor's place": _cached(
        f'container "cvm-supervisor" {_MOUNT}', _mount("/host/var/lib", mountPath="/var/lib")),
    "the node's sockets, writable": _cached(f'container "cvm-supervisor" {_MOUNT}', _writable_run),
    "a volume of one's own at the supervisor's images": _forged(
        f'container "cvm-supervisor" {_MOUNT}',
        lambda pod, supervisor: (
            _mount("/var/lib/docker", name="mine", subPath="cvm-cache/inner-docker")(
                pod, supervisor),
            pod["spec"]["volumes"].append({"name": "mine", "emptyDir": {}}))),
    # The caches of others
    "another namespace's cache": _cached(_CACHE, _variable(
        "CODER_CVM_NAMESPACE", value="kube-system")),
    "a namespace from an annotation": _cached(_CACHE, _variable(
        "CODER_CVM_NAMESPACE",
        valueFrom={"fieldRef": {"fieldPath": "metadata.annotations['mine']"}})),
    "a second namespace": _cached(_CACHE, lambda pod, supervisor: supervisor["env"].append(
        {"name": "CODER_CVM_NAMESPACE", "value": "kube-system"})),
    "a cache key with a slash": _cached(_CACHE, _cache_key("x/../../kube-system/dev")),
    "a cache key with dots": _cached(_CACHE, _cache_key("..")),
    "no cache key": _cached(_CACHE, _cache_key("")),
    "a cache key from a label": _cached(_CACHE, _variable(
        "CODER_CVM_WORKSPACE", valueFrom={"fieldRef": {"fieldPath": "metadata.labels['mine']"}})),
    "a path into another namespace's cache": _cached(
        f'container "cvm-supervisor" {_MOUNT}',
        _mount("/var/lib/docker", subPathExpr="cvm-cache/kube-system/$(CODER_CVM_WORKSPACE)/docker")),
    "a path by another variable": _cached(
        f'container "cvm-supervisor" {_MOUNT}',
        _mount("/var/lib/docker",
               subPathExpr="cvm-cache/$(CODER_INNER_HOSTNAME)/$(CODER_CVM_WORKSPACE)/docker")),
    "all caches": _cached(
        f'container "cvm-supervisor" {_MOUNT}',
        lambda pod, supervisor: supervisor["volumeMounts"].append(
            {"name": "cvm-var-lib", "mountPath": "/home/all", "subPath": "cvm-cache"})),
    # Debugging containers
    "debugging the supervisor": _reserved(
        "an ephemeral container has the supervisor's name or targets it",
        _debug("dev", targetContainerName="cvm-supervisor")),
    "debugging as the supervisor": _reserved(
        "an ephemeral container has the supervisor's name or targets it",
        _debug("plain", name="cvm-supervisor")),
    "debugging with the supervisor's volumes": _reserved(
        'container "debug" mounts a volume whose name begins with cvm-',
        _debug("dev", volumeMounts=[{"name": "cvm-usr-src", "mountPath": "/src"}])),
    # Privileges and the node
    "a privileged container": _isolated(
        'cvm/privileged-workspace: container "dev" is privileged', _privileged()),
    "a privileged container, opted out": _isolated(
        'cvm/privileged-workspace: container "dev" is privileged', _privileged(labels=OPTED_OUT)),
    "a privileged init container": _isolated(
        'cvm/privileged-workspace: container "first" is privileged',
        workspace(initContainers=[{"name": "first", "image": "x",
                                   "securityContext": {"privileged": True}}])),
    "a privileged debugging container": Attempt(
        "isolation", 'cvm/privileged-workspace: container "debug" is privileged',
        _debug("dev", securityContext={"privileged": True})),
    "a capability": _isolated('cvm/privileged-workspace: container "dev" adds a capability',
                              _capable("SYS_ADMIN")),
    "a capability, spelt otherwise": _isolated(
        'cvm/privileged-workspace: container "dev" adds a capability',
        _capable("NET_BIND_SERVICE", "cap_sys_module")),
    "all capabilities of an init container, opted out": _isolated(
        'cvm/privileged-workspace: container "first" adds a capability',
        workspace(labels=OPTED_OUT, initContainers=[
            {"name": "first", "image": "x", "securityContext": {"capabilities": {"add": ["ALL"]}}}])),
    "debugging with a capability": Attempt(
        "isolation", 'cvm/privileged-workspace: container "debug" adds a capability',
        _debug("dev", securityContext={"capabilities": {"add": ["SYS_ADMIN"]}})),
    "tracing where processes are shared": _isolated(
        'cvm/privileged-workspace: container "dev" adds a capability',
        _capable("SYS_PTRACE", shareProcessNamespace=True)),
    "a path of the node": _isolated(
        'cvm/privileged-workspace: volume "node" is a path of the node', _host_path()),
    "a path of the node, opted out": _isolated(
        'cvm/privileged-workspace: volume "node" is a path of the node',
        _host_path(labels=OPTED_OUT)),
    "the node's network": _isolated("cvm/host-namespaces: hostNetwork is true and",
                                    workspace(hostNetwork=True)),
    "the node's processes": _isolated("cvm/host-namespaces: hostPID is true and",
                                      workspace(hostPID=True)),
    "the node's IPC, opted out": _isolated("cvm/host-namespaces: hostIPC is true and",
                                           workspace(hostIPC=True, labels=OPTED_OUT)),
    "the node's network and processes": _isolated(
        "cvm/host-namespaces: hostNetwork, hostPID is true and",
        workspace(hostNetwork=True, hostPID=True)),
    # Into the supervisor
    "exec": _enter("exec", "container=cvm-supervisor&command=sh&stdout=true"),
    "attach": _enter("attach", "container=cvm-supervisor&stdout=true"),
    # A CVM that exists
    "another image for the supervisor": _changed(
        _STAYS, "dev", {"spec": {"initContainers": [{"name": "cvm-supervisor", "image": EVIL}]}}),
    "another image for a supervisor among the containers": _changed(
        _STAYS, "beside", {"spec": {"containers": [{"name": "cvm-supervisor", "image": EVIL}]}}),
    "other resources for the supervisor": _changed(
        _STAYS, "dev/resize", {"spec": {"initContainers": [
            {"name": "cvm-supervisor", "resources": {"requests": {"cpu": "110m"}}}]}}),
    "another plan": _changed("the annotation cvm-webhook.io/plan is", "dev", _OWN_PLAN),
    "another plan, through the status": _changed(
        "the annotation cvm-webhook.io/plan is", "dev/status", _OWN_PLAN),
    "another profile": _changed(
        "the label and the annotation cvm-webhook.io/profile of a CVM stay", "dev",
        {"metadata": {"annotations": {"cvm-webhook.io/profile": "other"}}}),
    "another profile's label, through the status": _changed(
        "the label and the annotation cvm-webhook.io/profile of a CVM stay", "dev/status",
        {"metadata": {"labels": {"cvm-webhook.io/profile": "other"}}}),
    "no plan": _changed("the annotation cvm-webhook.io/plan is", "dev",
                        {"metadata": {"annotations": {PLAN_PATH: None}}}),
    "a plan for an ordinary pod": _changed("the annotation cvm-webhook.io/plan is", "plain",
                                           _OWN_PLAN),
    "opting out later": _changed("the label cvm-webhook.io/cvm cannot", "dev",
                                 {"metadata": {"labels": OPTED_OUT}}),
    "opting out later, through the status": _changed(
        "the label cvm-webhook.io/cvm cannot", "dev/status", {"metadata": {"labels": OPTED_OUT}}),
    # Where no CVMs are
    "a CVM's RuntimeClass": _outside('RuntimeClass "cvm"', workspace(runtimeClassName="cvm")),
    "a supervisor": _outside("a container named cvm-supervisor",
                             workspace(initContainers=[SUPERVISOR])),
    "a supervisor among the containers": _outside(
        "a container named cvm-supervisor", _beside(SUPERVISOR)),
    "a plan": _outside("the annotation cvm-webhook.io/plan", workspace(annotations=policies.PLAN)),
    "a whole CVM": Attempt(
        "outside-namespaces", 'cvm/outside-namespace: the pod has RuntimeClass "cvm" and a container '
        "named cvm-supervisor and the annotation cvm-webhook.io/plan, as CVMs do, and namespace ",
        lambda down: down.create(down.restored(), down.outside)),
}


def _of(policy: str) -> dict[str, Attempt]:
    return {name: attempt for name, attempt in ATTEMPTS.items()
            if f"cvm-webhook-{attempt.policy}" == policy}


def wait_until_in_force(down: Down, policy: str):
    """Policies and bindings take a moment to be known."""
    attempt = next(iter(_of(policy).values()))
    wait_for(f"{policy} to be in force", lambda: attempt.refused(down))


@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_attempt_is_refused_by_its_policy(down, name):
    attempt = ATTEMPTS[name]
    outcome = attempt.outcome(down)
    assert outcome.startswith("refused with 403: "), outcome
    assert f"denied request: {attempt.told}" in outcome


@pytest.mark.parametrize("policy", ["reserved-names", "isolation", "supervisor-access",
                                    "plan-unchanged", "outside-namespaces"])
def test_it_is_the_policy_that_refuses(down, policy):
    """Without its binding, and with all the others, each of its attempts goes through."""
    name = f"cvm-webhook-{policy}"
    attempts = _of(name)
    assert attempts
    with policies.without(down.kubectl, name):
        first = next(iter(attempts.values()))
        wait_for("the binding to be gone", lambda: not first.refused(down))
        outcomes = {what: attempt.outcome(down) for what, attempt in attempts.items()}
    wait_until_in_force(down, name)
    assert outcomes == dict.fromkeys(attempts, "goes through")


def test_every_policy_has_attempts(down):
    assert {f"cvm-webhook-{attempt.policy}" for attempt in ATTEMPTS.values()} == set(
        policies.names(down.kubectl))


# What goes on all the same

ORDINARY = {
    "a plain pod": lambda down: down.create(workspace()),
    "an opted-out pod": lambda down: down.create(workspace(labels=OPTED_OUT)),
    "a CVM from a backup": lambda down: down.create(down.restored()),
    "a cached CVM from a backup": lambda down: down.create(down.restored(cached=True)),
    "a cached CVM with a key": lambda down: down.create(
        down.restored(_cache_key("team-a"), cached=True)),
    "a CVM with a cache volume of the user's": lambda down: down.create(down.restored(
        lambda pod, supervisor: (
            supervisor["volumeMounts"].remove(next(
                item for item in supervisor["volumeMounts"]
                if item["mountPath"] == "/var/lib/coder/docker")),
            _own_volume({"mountPath": "/var/lib/coder/docker",
                         "subPath": "cvm-cache/inner-docker"})(pod, supervisor)))),
    "what the standard baseline allows": lambda down: down.create(workspace(
        container={"securityContext": {
            "runAsUser": 0, "allowPrivilegeEscalation": True, "privileged": False,
            "capabilities": {"add": ["CHOWN", "KILL", "NET_BIND_SERVICE", "SETUID", "SYS_CHROOT"]}}},
        volumes=[{"name": "home", "emptyDir": {}},
                 {"name": "claimed", "persistentVolumeClaim": {"claimName": "claimed"}}],
        hostNetwork=False, shareProcessNamespace=True)),
    "a volume whose name only holds cvm-": lambda down: down.create(
        workspace(volumes=[{"name": "my-cvm-data", "emptyDir": {}}])),
    "what a cloud's webhook puts into the supervisor": lambda down: down.create(down.restored(
        lambda pod, supervisor: (
            supervisor["env"].append({"name": "AWS_ROLE_ARN", "value": "arn:aws:iam::1:role/x"}),
            _own_volume({"mountPath": "/var/run/secrets/eks.amazonaws.com/serviceaccount",
                         "readOnly": True})(pod, supervisor)))),
    "a label": lambda down: down.patch("dev", {"metadata": {"labels": {"team": "blue"}}}),
    "asking for what it is": lambda down: down.patch(
        "dev", {"metadata": {"labels": {"cvm-webhook.io/cvm": "true"}}}),
    "an opted-out pod's label": lambda down: down.patch(
        "plain", {"metadata": {"labels": {"team": "blue"}}}),
    "another image for the workspace": lambda down: down.patch(
        "dev", {"spec": {"containers": [{"name": "dev", "image": "mine:2"}]}}),
    "more CPUs for the workspace": lambda down: down.patch("dev/resize", {"spec": {"containers": [
        {"name": "dev", "resources": {"limits": {"cpu": "3"}}}]}}),
    "a kubelet's word": lambda down: down.patch("dev/status", {"status": {"message": "pulling"}}),
    "debugging the workspace, as kubectl does": _debug(
        "dev", targetContainerName="dev",
        securityContext={"capabilities": {"add": ["SYS_PTRACE"]}}),
    "outside: a plain pod": lambda down: down.create(workspace(), down.outside),
    "outside: a privileged pod on the node's network": lambda down: down.create(
        _privileged(hostNetwork=True), down.outside),
    "kube-system: a CVM's parts": lambda down: down.create(
        workspace(runtimeClassName="cvm", annotations=policies.PLAN), "kube-system"),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_use_goes_on(down, name):
    status, message = ORDINARY[name](down)
    assert status in (200, 201), message


@pytest.mark.parametrize("call", ["exec?container=dev&command=sh&stdout=true",
                                  "exec?command=sh&stdout=true", "attach?container=dev&stdout=true"])
def test_the_workspace_can_be_entered(down, call):
    """As far as it goes here: to the connection to a kubelet."""
    status, message = down.call("POST", f"pods/dev/{call}")
    assert (status, message) == (400, NOT_RUNNING)


def test_who_names_no_container_is_not_taken_to_the_supervisor(down):
    """Placement `container`: the API server asks for a name. So it needs no policy."""
    status, message = down.call("POST", "pods/beside/exec?command=sh&stdout=true")
    assert status == 400
    assert "a container name must be specified for pod beside" in message


def test_kubectl_shows_the_policys_words(down):
    told = down.kubectl.try_run("exec", "dev", "-n", down.namespace, "-c", "cvm-supervisor", "--",
                                "sh").stderr
    assert ('cvm/supervisor-access: container "cvm-supervisor" is the supervisor, which users cannot '
            "enter; name the workspace container with --container") in told
    debug = down.kubectl.try_run("debug", "dev", "-n", down.namespace, "--image=busybox",
                                 "--target=cvm-supervisor").stderr
    assert "cvm/reserved-name: an ephemeral container has the supervisor's name" in debug
    image = down.kubectl.try_run("set", "image", "pod/dev", "-n", down.namespace,
                                 f"cvm-supervisor={EVIL}").stderr
    assert "cvm/plan-changed: " in image
    made = down.kubectl.create(down.namespace, workspace("other", hostPID=True))
    assert made.stderr == (
        'Error from server (Forbidden): error when creating "STDIN": pods "other" is forbidden: '
        "ValidatingAdmissionPolicy 'cvm-webhook-isolation' with binding 'cvm-webhook-isolation' "
        "denied request: cvm/host-namespaces: hostPID is true and a workspace cannot share namespaces "
        "of its node; remove hostPID\n")


# The parameters

def _with_image(image: str):
    return lambda pod, supervisor: supervisor.update(image=image)


def test_an_image_is_added_before_the_settings_change(down):
    new, old = "registry.example.com/envbox:2", "ghcr.io/coder/envbox:latest"
    assert down.create(down.restored(_with_image(new)))[0] == 403
    with policies.supervisor_images(down.kubectl, down.namespace, old, new):
        for image in (old, new):
            assert down.create(down.restored(_with_image(image)))[0] == 201
    wait_for("the shipped image alone",
             lambda: down.create(down.restored(_with_image(new)))[0] == 403)


def test_a_running_cvm_stays_changeable_when_the_image_is_another(down):
    with policies.supervisor_images(down.kubectl, down.namespace, "registry.example.com/envbox:2"):
        wait_for("the old image to be refused", lambda: down.create(down.restored())[0] == 403)
        assert down.patch("dev", {"metadata": {"labels": {"team": "blue"}}})[0] == 200
        assert _debug("dev", targetContainerName="dev")(down)[0] == 200


def test_the_settings_own_variables_are_parameters_too(down):
    kubectl = down.kubectl
    shipped = policies.parameters(kubectl)
    variable = {"name": "HTTPS_PROXY", "value": "http://proxy:3128"}

    def create(variable: dict) -> int:
        return down.create(down.restored(
            lambda pod, supervisor: supervisor["env"].append(variable)))[0]

    assert create(variable) == 403
    kubectl("apply", "-f", "-", stdin={**shipped, "data": {
        **shipped["data"], "supervisorEnv": "NO_PROXY=\nHTTPS_PROXY=http://proxy:3128\n"}})
    try:
        wait_for("the parameter", lambda: create(variable) == 201)
        assert create({**variable, "value": "http://mine:3128"}) == 403
        assert create({"name": "NO_PROXY", "value": ""}) == 201
        assert create({"name": "NO_PROXY", "valueFrom": {"secretKeyRef": {
            "name": "mine", "key": "k"}}}) == 403
    finally:
        kubectl("apply", "-f", "-", stdin=shipped)
        wait_for("the shipped parameters", lambda: create(variable) == 403)


def test_without_parameters_workspaces_wait_and_others_do_not(down):
    kubectl = down.kubectl
    shipped = policies.parameters(kubectl)
    kubectl("delete", "configmap", policies.PARAMETERS, "-n", "cvm-system")
    try:
        status, message = wait_for("the refusal", lambda: (
            lambda outcome: outcome if outcome[0] != 201 else None)(down.create(workspace())))
        assert "ValidatingAdmissionPolicy 'cvm-webhook-reserved-names'" in message
        assert "no params found" in message
        assert down.create(workspace(), down.outside)[0] == 201
    finally:
        kubectl("apply", "-f", "-", stdin=shipped)
        wait_for("the parameters", lambda: down.create(workspace())[0] == 201)


def test_the_stored_pods_are_as_they_were(down):
    """Last: nothing above got through."""
    stored = down.kubectl.get("pod", "dev", "-n", down.namespace)
    assert supervisor_of(stored) == supervisor_of(down.cvm)
    assert stored["metadata"]["annotations"] == down.cvm["metadata"]["annotations"]
    assert "ephemeralContainers" not in json.dumps(stored["spec"])
