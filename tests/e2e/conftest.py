"""One control plane, one set of nodes and the shipped manifests for the whole session."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import pytest

from harness import manifests, nodes
from harness.balancer import Balancer
from harness.controlplane import ControlPlane
from harness.pods import supervisor_of, workspace
from harness.processes import wait_for
from harness.webhook import WebhookInstance, Webhooks


HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORKSPACES = {"cvm-webhook.io/workspaces": "enabled"}


@dataclasses.dataclass
class Cluster:
    control_plane: ControlPlane
    balancer: Balancer
    webhooks: Webhooks
    binary: pathlib.Path
    namespaces: int = 0

    @property
    def kubectl(self):
        return self.control_plane.kubectl

    def use(self, settings: dict | None = None) -> WebhookInstance:
        """Puts an instance with these changes to the shipped settings behind the Service."""
        instance = self.webhooks.kept(settings or {})
        self.balancer.route_to(instance)
        return instance

    def wait_until_called(self):
        """The API server takes a moment to learn of new webhook configurations."""
        self.use()
        namespace = self.new_namespace(WORKSPACES)
        wait_for("the API server to call the webhook", lambda: supervisor_of(
            self.kubectl.created(namespace, workspace(), "--dry-run=server")))

    def new_namespace(self, labels: dict | None = None) -> str:
        """A namespace with its default service account, as pods need it."""
        self.namespaces += 1
        name = f"team-{self.namespaces}"
        self.kubectl("create", "-f", "-", stdin={
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": labels or {}}})
        self.kubectl("wait", "--for=create", "--timeout=20s", "--namespace", name,
                     "serviceaccount/default")
        return name


def _binary() -> pathlib.Path:
    binary = pathlib.Path(os.environ.get("CVM_WEBHOOK", ROOT / "build/release/cvm-webhook"))
    if not os.access(binary, os.X_OK):
        pytest.exit(f"no binary at {binary}; ./dev build makes it, CVM_WEBHOOK names another", 2)
    return binary.resolve()


def _control_plane_binaries() -> pathlib.Path:
    built = subprocess.run([HERE / "controlplane" / "build"], stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        pytest.exit("the control plane could not be built", 2)
    return pathlib.Path(built.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def cluster(request):
    binary = _binary()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="cvm-webhook-e2e-"))
    control_plane = ControlPlane(_control_plane_binaries(), directory / "control-plane")
    balancer = Balancer()
    webhooks = None
    try:
        control_plane.start()
        kubectl = control_plane.kubectl
        nodes.register(kubectl)
        shipped = manifests.build(kubectl)
        kubectl("apply", "-f", "-",
                stdin=[manifests.one(shipped, "Namespace"), manifests.one(shipped, "ServiceAccount")])
        webhooks = Webhooks(control_plane, binary, directory / "webhooks",
                            manifests.one(shipped, "Deployment"),
                            manifests.shipped_settings(shipped))
        kubectl("apply", "-f", "-",
                stdin=manifests.reachable(shipped, balancer.port, webhooks.certificates.ca))
        cluster = Cluster(control_plane, balancer, webhooks, binary)
        cluster.wait_until_called()
        yield cluster
        control_plane.must_run()
    finally:
        if webhooks is not None:
            webhooks.stop()
        control_plane.stop()
        balancer.stop()
        if request.session.testsfailed:
            print(f"\nlogs of the control plane and of every instance: {directory}")
        else:
            shutil.rmtree(directory)


@pytest.fixture
def kubectl(cluster):
    return cluster.kubectl


@pytest.fixture
def webhook(cluster) -> WebhookInstance:
    """The instance with the shipped settings, alone behind the Service."""
    return cluster.use()


@pytest.fixture
def namespace(cluster) -> str:
    """A new namespace that takes part."""
    return cluster.new_namespace(WORKSPACES)


@pytest.fixture
def other_namespace(cluster) -> str:
    """A new namespace that does not."""
    return cluster.new_namespace()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows the end of the logs of the instances that served a failed test."""
    report = (yield).get_result()
    cluster = getattr(item, "funcargs", {}).get("cluster")
    if report.when == "call" and report.failed and isinstance(cluster, Cluster):
        time.sleep(0.1)  # the last lines are on their way
        for instance in cluster.balancer.behind():
            report.sections.append((f"log of {instance.name}", instance.process.tail(30)))
