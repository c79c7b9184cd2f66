"""What runs on the node: containerd, the kubelet, and beside them the end-to-end tests' control plane.

Run in the machine (inside.py), until one of them ends. Progress goes to the standard output.
"""

import json
import os
import pathlib
import signal
import sys
import time

from . import containerd
from .controlplane import TOKENS, ControlPlane
from .inside import ADDRESS, API_PORT, NAME, SERVICE
from .processes import Process, wait_for

NODE_TOKEN = "node"


class NodesControlPlane(ControlPlane):
    """The control plane, as a kubelet and pods need it: reachable from them, with their controllers."""

    tokens = TOKENS + f'{NODE_TOKEN},system:node:{NAME},node,"system:nodes"\n'
    controllers = ",".join([ControlPlane.controllers, *(f"{name}-controller" for name in (
        "endpointslice", "garbage-collector", "job", "namespace", "node-lifecycle"))])
    names = f"{ControlPlane.names},IP:{ADDRESS},IP:{SERVICE}"

    def _make_certificates(self):
        super()._make_certificates()
        self._issue("kubelet-client", "/O=system:masters/CN=kubelet-client", "extendedKeyUsage=clientAuth")

    def start_api_server(self, *flags):
        d = self.directory
        super().start_api_server(
            "--bind-address=0.0.0.0", f"--advertise-address={ADDRESS}",
            # Services are called at the addresses of their pods: nothing stands in for kube-proxy.
            "--enable-aggregator-routing=true", "--enable-admission-plugins=NodeRestriction",
            "--kubelet-client-certificate", d / "kubelet-client.crt",
            "--kubelet-client-key", d / "kubelet-client.key",
            "--kubelet-preferred-address-types=InternalIP", *flags)


def start_kubelet(control_plane: NodesControlPlane, directory: pathlib.Path) -> Process:
    config = directory / "kubelet.yaml"
    config.write_text(json.dumps({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "containerRuntimeEndpoint": f"unix://{containerd.SOCKET}",
        "cgroupDriver": "cgroupfs",
        "failCgroupV1": False,
        "failSwapOn": False,
        "featureGates": {"KubeletInUserNamespace": True},  # forgives what only a whole machine allows
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True},
                           "x509": {"clientCAFile": str(control_plane.ca_file)}},
        "authorization": {"mode": "Webhook"},
        "clusterDNS": ["10.0.0.10"],  # nobody
        "clusterDomain": "cluster.local",
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "nodeStatusUpdateFrequency": "5s",
        "syncFrequency": "10s",  # of ConfigMaps in volumes too
        "maxPods": 250,
        "resolvConf": "/etc/resolv.conf",
        "kubeAPIQPS": 200,
        "kubeAPIBurst": 400,
        "registryPullQPS": 0,
        "eventRecordQPS": 200,
        "eventBurst": 400,
        # A container that ends is started again after 1 s to 5 s, not 10 s to 5 min.
        "crashLoopBackOff": {"maxContainerRestartPeriod": "5s"},
    }))
    return Process("kubelet", [
        control_plane.binaries / "kubelet", "--config", config,
        "--kubeconfig", control_plane.write_kubeconfig("kubelet", NODE_TOKEN),
        "--hostname-override", NAME, "--node-ip", ADDRESS, "--root-dir=/var/lib/kubelet", "--v=2",
    ], directory / "log/kubelet.log")


def _is_ready(kubectl) -> bool:
    conditions = kubectl.get("node", NAME)["status"].get("conditions", [])
    return any(item["type"] == "Ready" and item["status"] == "True" for item in conditions)


def main(directory: pathlib.Path):
    started = time.monotonic()

    def say(text: str):
        print(f"[{time.monotonic() - started:5.1f} s] {text}", flush=True)

    options = json.loads((directory / "options.json").read_text())
    runtime = containerd.start(pathlib.Path(options["runtime"]), directory)
    images = containerd.Import(pathlib.Path(options["runtime"]), directory / "images")
    say("containerd runs")
    control_plane = NodesControlPlane(
        pathlib.Path(options["control_plane"]), directory / "control-plane", API_PORT)
    control_plane.start()
    say("the control plane runs")
    kubelet = start_kubelet(control_plane, directory)
    wait_for("the node to be ready", lambda: (
        kubelet.must_run() and runtime.must_run() and _is_ready(control_plane.kubectl)), timeout=90, interval=0.3)
    say(f"the node {NAME} is ready")
    images.finish()
    say("the images are there")
    (directory / "up").touch()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while runtime.must_run() and kubelet.must_run() and control_plane.must_run():
        time.sleep(0.5)


if __name__ == "__main__":
    os.environ["NO_PROXY"] = "*"
    main(pathlib.Path(sys.argv[1]))
