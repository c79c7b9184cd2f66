"""A control plane with the shipped manifests, nodes and the webhook: what the scenarios use."""

import contextlib
import dataclasses
import pathlib
import shutil
import tempfile

from . import manifests, nodes
from .balancer import Balancer
from .controlplane import ControlPlane
from .pods import supervisor_of, workspace
from .processes import wait_for
from .webhook import WebhookInstance, Webhooks

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

    def new_namespace(self, labels: dict | None = None, annotations: dict | None = None) -> str:
        """A namespace with its default service account, as pods need it."""
        self.namespaces += 1
        name = f"team-{self.namespaces}"
        self.kubectl("create", "-f", "-", stdin={
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": labels or {}, "annotations": annotations or {}}})
        self.kubectl("wait", "--for=create", "--timeout=20s", "--namespace", name,
                     "serviceaccount/default")
        return name


@contextlib.contextmanager
def running(binary: pathlib.Path, control_plane_binaries: pathlib.Path, failed):
    """A cluster of its own. When `failed()` in the end, the logs stay."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="cvm-webhook-e2e-"))
    control_plane = ControlPlane(control_plane_binaries, directory / "control-plane")
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
        if failed():
            print(f"\nlogs of the control plane and of every instance: {directory}")
        else:
            shutil.rmtree(directory)
