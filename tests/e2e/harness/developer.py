"""A developer: may do everything with pods, and with what makes them, in two namespaces; no more.

What one tries comes back as an Answer, whether by kubectl or by a plain call.
"""

import contextlib
import copy
import dataclasses
import itertools
import json
import time

from .cluster import WORKSPACES, Cluster
from .controlplane import DEVELOPER_TOKEN
from .kubectl import Kubectl
from .pods import supervisor_of, workspace
from .processes import wait_for

OPTED_OUT = {"cvm-webhook.io/cvm": "false"}
# How far a connection comes that nobody refuses: no kubelet runs these pods.
NOT_RUNNING = "does not have a host assigned"
NO_ADDRESS = "address not allowed"
STRATEGIC = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"

_RULES = [
    {"apiGroups": [""], "verbs": ["*"], "resources": [
        "pods", "pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "pods/log",
        "pods/ephemeralcontainers", "pods/resize", "pods/status", "pods/binding", "pods/eviction",
        "bindings", "configmaps", "secrets", "services", "persistentvolumeclaims", "podtemplates",
        "replicationcontrollers", "serviceaccounts", "serviceaccounts/token"]},
    {"apiGroups": ["apps"], "resources": ["*"], "verbs": ["*"]},
    {"apiGroups": ["batch"], "resources": ["*"], "verbs": ["*"]},
    {"apiGroups": ["", "events.k8s.io"], "resources": ["events"], "verbs": ["get", "list", "watch"]},
]


@dataclasses.dataclass
class Answer:
    ok: bool
    text: str = ""  # kubectl's standard error, or the API server's message
    object: dict | None = None


def holds(found, asked) -> bool:
    """Whether everything in `asked` is in `found`; a list may hold more, in any order."""
    if isinstance(asked, dict):
        return all(holds((found or {}).get(key), value) for key, value in asked.items())
    if isinstance(asked, list):
        return all(any(holds(item, one) for item in found or []) for one in asked)
    return found == asked or not (found or asked)  # what is false or empty is stored as nothing


def template_of(pod_spec: dict, name: str = "made") -> dict:
    """The spec of what makes such pods."""
    labels = {"made-by": name}
    return {"selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod_spec}}


def _role(namespace: str) -> list[dict]:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": "developer", "namespace": namespace}, "rules": _RULES}
    binding = {**role, "kind": "RoleBinding", "roleRef": {
        "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "developer"},
        "subjects": [{"kind": "User", "name": "developer"},
                     {"kind": "ServiceAccount", "name": "default", "namespace": namespace}]}
    binding.pop("rules")
    return [role, binding]


class Developer:
    """Whose namespace takes part, and holds the CVM `dev` and the pod `plain`, which opted out.

    Nothing schedules these two. Another namespace, `outside`, does not take part.
    """

    def __init__(self, cluster: Cluster):
        self._cluster = cluster
        self._names = itertools.count()
        self.admin = cluster.kubectl  # for what only an administrator may do
        self.namespace = cluster.new_namespace(WORKSPACES)
        self.outside = cluster.new_namespace()
        self.admin("create", "-f", "-", stdin=_role(self.namespace) + _role(self.outside))
        plane = cluster.control_plane
        self._kubectl = Kubectl(plane.binaries / "kubectl",
                                plane.write_kubeconfig("developer", DEVELOPER_TOKEN),
                                plane.directory)
        self._connection = plane.connection(timeout=30)
        # With a host name of its own, the plan does not depend on the pod's name.
        self.cvm = self.admin.created(self.namespace, workspace(
            labels={"com.coder.resource": "true"}, hostname="dev", schedulerName="nobody"))
        assert supervisor_of(self.cvm)
        self.admin.created(self.namespace, workspace(
            "plain", labels=OPTED_OUT, schedulerName="nobody"))
        self.claim("var-lib", hostPath={"path": "/var/lib"})
        self.claim("usr", local={"path": "/usr/"}, nodeAffinity={"required": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["cvm"]}]}]}})

    # Plain calls

    def call(self, method: str, path: str, body=None, content_type="application/json") -> Answer:
        """A call of the core API or, with a path from the root, of another."""
        path = path if path.startswith("/") else f"/api/v1/namespaces/{self.namespace}/{path}"
        headers = {**self._cluster.control_plane.authorization(DEVELOPER_TOKEN),
                   "Content-Type": content_type}
        try:
            self._connection.request(method, path, None if body is None else json.dumps(body),
                                     headers)
        except OSError:  # it was idle for too long
            self._connection.close()
            self._connection.request(method, path, None if body is None else json.dumps(body),
                                     headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        answer = {}
        with contextlib.suppress(ValueError):
            answer = json.loads(text)
        ok = response.status < 300
        return Answer(ok, "" if ok else answer.get("message", text), answer)

    def create(self, pod: dict, namespace: str | None = None, dry_run: bool = True) -> Answer:
        """Accepted only when all that the pod asks for is in what the API server would store."""
        namespace = namespace or self.namespace
        pod["metadata"]["name"] = self.new_name()
        return _as_asked(self.call("POST", f"/api/v1/namespaces/{namespace}/pods"
                                   f"{'?dryRun=All' if dry_run else ''}", pod), pod)

    def patch(self, target: str, change, content_type: str = STRATEGIC) -> Answer:
        """`target`: a pod, or one and its subresource."""
        answer = self.call("PATCH", f"pods/{target}?dryRun=All", change, content_type)
        return answer if content_type == JSON else _as_asked(answer, change)

    def debug(self, pod: str = "dev", **fields) -> Answer:
        """Adds an ephemeral container, as kubectl debug does."""
        container = {"name": "debug", "image": "busybox", **fields}
        return self.patch(f"{pod}/ephemeralcontainers",
                          {"spec": {"ephemeralContainers": [container]}})

    # Pods

    def new_name(self) -> str:
        return f"try-{next(self._names)}"

    def restored(self, change=lambda pod, supervisor: None) -> dict:
        """The CVM with its whole plan, as from a backup or by who has seen one, and changed."""
        spec = copy.deepcopy(self.cvm["spec"])
        pod = {"apiVersion": "v1", "kind": "Pod", "spec": spec, "metadata": {
            "name": "restored", "annotations": dict(self.cvm["metadata"]["annotations"])}}
        change(pod, supervisor_of(pod))
        return pod

    def forge(self, change) -> Answer:
        return self.create(self.restored(change))

    def forge_cached(self, change) -> Answer:
        """The same of a CVM that is made for this, by what the webhook's settings are now."""
        made = self.create(workspace(hostname="dev", schedulerName="nobody"))
        assert made.ok, made.text
        pod = {"apiVersion": "v1", "kind": "Pod", "spec": made.object["spec"], "metadata": {
            "annotations": dict(made.object["metadata"]["annotations"])}}
        change(pod, supervisor_of(pod))
        return self.create(pod)

    @staticmethod
    def set_variable(container: dict, name: str, value: str):
        """In place of what it has there."""
        [variable] = [item for item in container["env"] if item["name"] == name]
        variable.pop("valueFrom", None)
        variable["value"] = value

    def forge_supervisor(self, **fields) -> Answer:
        return self.forge(lambda pod, supervisor: supervisor.update(fields))

    def new_cvm(self, **fields) -> str:
        """The name of a CVM that an attempt may change or delete."""
        pod = workspace(self.new_name(), schedulerName="nobody", **fields)
        assert supervisor_of(self.admin.created(self.namespace, pod))
        return pod["metadata"]["name"]

    def running_cvm(self) -> str:
        """One of which kubectl believes that it runs; the user writes its status."""
        name = self.new_cvm()
        answer = self.call("PATCH", f"pods/{name}/status", {"status": {"phase": "Running"}},
                           STRATEGIC)
        assert answer.ok, answer.text
        return name

    def bind(self, pod: str, node: str, resource: str = "", dry_run: bool = True,
             **metadata) -> Answer:
        """Does as a scheduler does; `resource`: `bindings`, or else the pod's subresource."""
        path = resource or f"pods/{pod}/binding"
        return self.call("POST", f"{path}{'?dryRun=All' if dry_run else ''}", {
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": pod, **metadata},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node}})

    def look_for(self, answer: Answer, pod: str, asked: dict) -> Answer:
        """The answer, if the stored pod is as asked, where the answer itself does not tell."""
        return _as_asked(self.call("GET", f"pods/{pod}"), asked) if answer.ok else answer

    def bind_when_known(self, pod: str, node: str) -> Answer:
        """The webhook takes a moment to learn of a claim's volume."""
        deadline = time.monotonic() + 1
        while (answer := self.bind(pod, node)).ok and time.monotonic() < deadline:
            time.sleep(0.05)
        return answer

    def claim(self, name: str, **source):
        """A claim, and its PersistentVolume, which an administrator has made."""
        size = {"storage": "1Gi"}
        self.admin("create", "-f", "-", stdin=[
            {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": {
                "capacity": size, "accessModes": ["ReadWriteOnce"], **source,
                "claimRef": {"namespace": self.namespace, "name": name}}},
            {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
             "metadata": {"name": name, "namespace": self.namespace}, "spec": {
                 "accessModes": ["ReadWriteOnce"], "storageClassName": "", "volumeName": name,
                 "resources": {"requests": size}}}])

    # What makes pods

    def make(self, version: str, kind: str, spec: dict, dry_run: bool = True) -> Answer:
        name = self.new_name()
        return self.call(
            "POST", f"/apis/{version}/namespaces/{self.namespace}/{kind.lower()}s"
            f"{'?dryRun=All' if dry_run else ''}",
            {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec})

    def deploy(self, pod_spec: dict) -> Answer:
        """Whether a Deployment's pod comes to be; else what was said to the user and of the pod."""
        name = self.new_name()
        path = f"/apis/apps/v1/namespaces/{self.namespace}/deployments/{name}"
        told = self.kubectl("create", "-f", "-", stdin={
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": template_of(pod_spec, name)})
        if not told.ok:
            return told

        def outcome() -> Answer | None:
            status = self.call("GET", path).object["status"]
            failures = [item["message"] for item in status.get("conditions", [])
                        if item["type"] == "ReplicaFailure"]
            if failures:
                return Answer(False, "\n".join([told.text, *failures]))
            return Answer(True) if status.get("replicas") else None

        try:
            return wait_for("the Deployment's pod, or why there is none", outcome)
        finally:
            self.call("DELETE", f"{path}?propagationPolicy=Background")

    def token_of(self, account: str) -> str:
        answer = self.call("POST", f"serviceaccounts/{account}/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
        assert answer.ok, answer.text
        return answer.object["status"]["token"]

    # kubectl

    def kubectl(self, *args, stdin=None) -> Answer:
        outcome = self._kubectl.try_run("--namespace", self.namespace, *args, stdin=stdin)
        return Answer(outcome.ok, outcome.stderr)

    def kubectl_as_admin(self, *args) -> Answer:
        outcome = self.admin.try_run(*args)
        return Answer(outcome.ok, outcome.stderr)


def _as_asked(answer: Answer, asked: dict) -> Answer:
    if answer.ok and not holds(answer.object, asked):
        return Answer(False, f"accepted, but not as asked: {json.dumps(answer.object)}")
    return answer
