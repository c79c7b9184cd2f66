"""containerd on the node: its configuration, its network plugins, its images."""

import concurrent.futures
import json
import pathlib
import subprocess

from .processes import Process, wait_for

SOCKET = "/run/containerd/containerd.sock"
PLUGINS = "/usr/lib/cni"  # Debian's containernetworking-plugins
PODS = "10.98.0.0/16"
PAUSE = "localhost/pause:1"
# sysbox-runc: the name by which mode native asks for Sysbox. runc stands in for it; it makes the
# user namespace that hostUsers: false asks for, as Sysbox would.
HANDLERS = ("runc", "sysbox-runc")

_RUNTIME = """
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.{name}]
  runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.{name}.options]
    BinaryName = "{runc}"
    SystemdCgroup = false
"""

_CONFIGURATION = """\
version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "{socket}"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "{pause}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true  # where we lack CAP_SYS_RESOURCE
  disable_apparmor = true
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["{plugins}"]
  conf_dir = "/etc/cni/net.d"
[plugins."io.containerd.cri.v1.runtime".containerd]
  default_runtime_name = "runc"
"""

_NETWORK = {"cniVersion": "1.0.0", "name": "pods", "plugins": [
    {"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": True, "hairpinMode": True,
     "ipam": {"type": "host-local", "ranges": [[{"subnet": PODS}]], "routes": [{"dst": "0.0.0.0/0"}]}},
    {"type": "portmap", "capabilities": {"portMappings": True}}]}


def start(programs: pathlib.Path, directory: pathlib.Path) -> Process:
    if not (pathlib.Path(PLUGINS) / "bridge").exists():
        raise SystemExit(f"no CNI plugins in {PLUGINS}: apt-get install containernetworking-plugins")
    etc, network = pathlib.Path("/etc/containerd"), pathlib.Path("/etc/cni/net.d")
    for path in (etc, network):
        path.mkdir(parents=True, exist_ok=True)
    text = _CONFIGURATION.format(socket=SOCKET, pause=PAUSE, plugins=PLUGINS)
    text += "".join(_RUNTIME.format(name=name, runc=programs / "runc") for name in HANDLERS)
    (etc / "config.toml").write_text(text)
    (network / "10-bridge.conflist").write_text(json.dumps(_NETWORK))
    process = Process("containerd", ["env", f"PATH={programs}:/usr/sbin:/usr/bin:/sbin:/bin",
                                     programs / "containerd", "--config", etc / "config.toml"],
                      directory / "log/containerd.log")
    wait_for("containerd", lambda: process.must_run() and subprocess.run(
        [programs / "ctr", "version"], capture_output=True).returncode == 0)
    return process


class Import:
    """The images of a directory on their way into containerd."""

    def __init__(self, programs: pathlib.Path, images: pathlib.Path):
        self._pool = concurrent.futures.ThreadPoolExecutor(1)
        self._results = [self._pool.submit(
            subprocess.run, [programs / "ctr", "-n", "k8s.io", "images", "import", file],
            capture_output=True, text=True) for file in sorted(images.glob("*.tar"))]

    def finish(self):
        for result in self._results:
            if result.result().returncode:
                raise SystemExit(f"an image could not be imported: {result.result().stderr}")
        self._pool.shutdown()
