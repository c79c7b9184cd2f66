"""The pods of the tests: all are made at once, and each test waits for its own.

A node of two cores starts thirty pods side by side in not much more time than one after the other
would take for five.
"""

import concurrent.futures
import dataclasses
import json
import time
import uuid

from .installation import NAMESPACE
from .node import Node
from .processes import wait_for

PARTICIPATES = {"cvm-webhook.io/workspaces": "enabled"}
PROFILE = "cvm-webhook.io/profile"
SECONDS = 60  # after its creation a pod is ready, or it does not become so
HOPELESS = ("CrashLoopBackOff", "CreateContainerError", "CreateContainerConfigError", "RunContainerError",
            "ErrImageNeverPull", "ErrImagePull", "ImagePullBackOff", "InvalidImageName")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An object in a namespace of its own. The namespace asks for `profile`; None: it takes no part."""

    profile: str | None
    object: dict


class NotReady(AssertionError):
    """A pod did not become ready; says what is known of it."""


class Workspace:
    """The pod of one Wanted, as it is now."""

    def __init__(self, fleet: "Fleet", namespace: str, wanted: Wanted):
        self._fleet = fleet
        self.namespace = namespace
        self.wanted = wanted
        self.created = time.monotonic()
        self.outcome = None

    @property
    def kubectl(self):
        return self._fleet.node.kubectl

    def create(self):
        self.created = time.monotonic()
        self.outcome = self.kubectl.create(self.namespace, self.wanted.object)
        self._fleet.read_again()

    @property
    def warnings(self) -> str:
        return self.outcome.stderr

    # What it is

    def pod(self) -> dict:
        """The pod of its namespace; the newest, should it have been replaced."""
        assert self.outcome.ok, f"kubectl create was refused:\n{self.outcome.stderr}"
        pods = self._pods()
        assert pods, f"there is no pod in {self.namespace}"
        return max(pods, key=lambda pod: pod["metadata"]["creationTimestamp"])

    def _pods(self) -> list[dict]:
        return self._fleet.pods(self.namespace)

    def statuses(self) -> dict[str, dict]:
        status = self.pod()["status"]
        return {item["name"]: item for key in ("initContainerStatuses", "containerStatuses")
                for item in status.get(key, [])}

    def is_ready(self) -> bool:
        return any(item["type"] == "Ready" and item["status"] == "True"
                   for item in self.pod()["status"].get("conditions", []))

    def supervisor(self) -> str:
        """The name of the container that is the supervisor."""
        pod = self.pod()
        wrapped = pod["metadata"].get("annotations", {}).get("cvm-webhook.io/supervisor")
        return wrapped or "cvm-supervisor"

    def is_hopeless(self) -> bool:
        return any(item.get("restartCount", 0) > 0 or
                   item["state"].get("waiting", {}).get("reason") in HOPELESS
                   for item in self.statuses().values())

    # Waiting

    def ready(self, within: float = SECONDS) -> dict:
        """The pod once it is ready, no container having been started twice."""
        while not (self.is_ready() and not self.is_hopeless()):
            if self.age() > within or self.is_hopeless():
                raise NotReady(f"{self.namespace} is not ready:\n{self.explain()}")
            time.sleep(0.2)
        return self.pod()

    def finished(self, within: float = SECONDS) -> str:
        """The phase in which it ended by itself."""
        while not self._pods() or (phase := self.pod()["status"].get("phase")) not in ("Succeeded", "Failed"):
            if self.age() > within:
                raise NotReady(f"{self.namespace} does not end:\n{self.explain()}")
            time.sleep(0.2)
        return phase

    def tried(self) -> dict[str, dict]:
        """The statuses of its containers once the supervisor was started, and again when it ended."""
        wait_for("the supervisor to be started", lambda: (
            item := self.statuses().get(self.supervisor())) and (
            item.get("started") or item["state"].get("running") or item["restartCount"]), timeout=30, interval=0.3)
        return self.statuses()

    def messages(self) -> str:
        """What its containers left in their termination messages."""
        return "\n".join(detail["message"] for item in self.statuses().values()
                         for when in ("state", "lastState") for detail in item.get(when, {}).values()
                         if "message" in detail)

    def events(self) -> list[dict]:
        return self.kubectl.get("events", "-n", self.namespace)["items"]

    def delete(self) -> float:
        """Deletes the pod; the seconds until it is gone."""
        began = time.monotonic()
        self.kubectl("delete", "pod", self.pod()["metadata"]["name"], "-n", self.namespace, "--wait=true")
        self._fleet.read_again()
        return time.monotonic() - began

    def age(self) -> float:
        return time.monotonic() - self.created

    # Looking into it

    def log(self, container: str | None = None) -> str:
        """The log of a container, else of the supervisor; of its last run when it ended."""
        name, container = self.pod()["metadata"]["name"], container or self.supervisor()
        for flags in ((), ("--previous",)):
            outcome = self.kubectl.try_run("logs", name, "-n", self.namespace, "-c", container, *flags)
            if outcome.ok and outcome.stdout:
                return outcome.stdout
        return outcome.stdout

    def report(self) -> dict:
        """What the stand-in supervisor saw when it started."""
        line = wait_for("the supervisor's report", lambda: next(
            line for line in self.log().splitlines() if line.startswith('{"report":')), timeout=10, interval=0.3)
        return json.loads(line)["report"]

    def in_container(self, container: str, *command: str, check: bool = True) -> str:
        """Runs a command in a container, as its root: by containerd, since exec may be refused."""
        identifier = self.statuses()[container]["containerID"].rpartition("/")[2]
        return self._fleet.node.machine.run(
            str(self._fleet.ctr), "-n", "k8s.io", "tasks", "exec", "--exec-id", uuid.uuid4().hex[:12], identifier,
            *command, check=check)

    def kill(self, container: str):
        """Ends the first process of a container, as the kernel would when memory is short."""
        identifier = self.statuses()[container]["containerID"].rpartition("/")[2]
        tasks = self._fleet.node.machine.run(str(self._fleet.ctr), "-n", "k8s.io", "tasks", "ls")
        pid = next(line.split()[1] for line in tasks.splitlines() if line.startswith(identifier))
        self._fleet.node.machine.run("kill", "-KILL", pid)

    def inside(self, *command: str, check: bool = True) -> str:
        """Runs a command in the inner container, as its root."""
        return self.in_container(self.supervisor(), "docker", "exec", "workspace_cvm", *command, check=check)

    def explain(self) -> str:
        lines = []
        for name, item in self.statuses().items():
            for when in ("state", "lastState"):
                for state, detail in item.get(when, {}).items():
                    told = {key: detail[key] for key in ("reason", "exitCode", "message") if key in detail}
                    lines.append(f"{name} {when}: {state} {told}, restarts {item['restartCount']}")
        lines += sorted({f"event {item['reason']}: {item['message']}" for item in self.events()
                         if item["type"] == "Warning"})
        log = [line for line in self.log().splitlines() if not line.startswith('{"report":')]
        return "\n".join([*lines, "log of the supervisor:", *log[-8:]])


class Fleet:
    def __init__(self, node: Node, runtime):
        self.node = node
        self.ctr = runtime / "ctr"
        self._workspaces: dict[str, Workspace] = {}
        self._pods: tuple[float, list[dict]] = (0.0, [])

    def __getitem__(self, name: str) -> Workspace:
        return self._workspaces[name]

    def pods(self, namespace: str) -> list[dict]:
        """The pods of a namespace, not older than a quarter of a second."""
        read, items = self._pods
        if time.monotonic() - read > 0.25:
            items = self.node.kubectl.get("pods", "--all-namespaces")["items"]
            self._pods = (time.monotonic(), items)
        return [item for item in items if item["metadata"]["namespace"] == namespace]

    def read_again(self):
        """What was read of the pods is old now."""
        self._pods = (0.0, [])

    def make(self, wanted: dict[str, Wanted]):
        """Makes all of these, each in a namespace of its name."""
        kubectl = self.node.kubectl
        kubectl("create", "-f", "-", stdin=[{
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": _labels(item.profile)}}
            for name, item in wanted.items()])
        made = {name: Workspace(self, name, item) for name, item in wanted.items()}
        self._workspaces.update(made)
        wait_for("the service accounts", lambda: set(wanted) <= {
            item["metadata"]["namespace"] for item in kubectl.get("serviceaccounts", "--all-namespaces")["items"]},
            interval=0.3)
        last = [*wanted][-1]
        wait_for("the webhook to know the namespaces", lambda: "not known yet" not in kubectl.create(
            last, _probe(), "--dry-run=server").stderr, interval=0.3)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(Workspace.create, made.values()))

    def end(self):
        """Ends all pods, and waits until they are gone."""
        for kind in ("jobs", "pods"):
            self.node.kubectl("delete", kind, "--all-namespaces", "--grace-period=1", "--wait=false",
                              f"--field-selector=metadata.namespace!={NAMESPACE}")
        self.read_again()
        wait_for("all pods to end", lambda: not any(self.pods(name) for name in self._workspaces), interval=0.3)


def _labels(profile: str | None) -> dict[str, str]:
    if profile is None:
        return {}
    return {**PARTICIPATES, PROFILE: profile} if profile else dict(PARTICIPATES)


def _probe() -> dict:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"},
            "spec": {"containers": [{"name": "probe", "image": "localhost/workspace:1"}]}}
