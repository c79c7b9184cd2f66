"""The images of the node: what they are made of, and the names that they stand in for."""

import pathlib
import subprocess

import yaml

from . import containerd
from .images import Image
from .machine import REPOSITORY

STANDINS = pathlib.Path(__file__).resolve().parents[1] / "standins"
WORKSPACE = "localhost/workspace:1"
NO_GETENT = "localhost/workspace-no-getent:1"  # busybox alone, as many small images are
# Supervisors whose CVM does not start: one ends, the other goes on without one.
FAILURE = "sysbox-mgr exited: this node cannot run it"
BROKEN = {"failing-supervisor": "exit 1", "stuck-supervisor": "exec sleep 3600"}
WEBHOOK = "localhost/cvm-webhook:1"
PATH = ["PATH=/bin:/usr/bin:/inner/bin"]
# Ends by itself when it is told to, as a workspace's program does.
WAIT = ["sh", "-c", "trap 'exit 0' TERM; echo workspace up; while :; do sleep 1 & wait $!; done"]


def shipped_images() -> list[str]:
    """The images that the shipped settings name: the stand-in has their names, so that they run as shipped."""
    settings = yaml.safe_load((REPOSITORY / "manifests/base/settings.yaml").read_text())
    supervisor = settings.get("supervisor", {})
    engine = supervisor.get("engine") or {}
    images = [supervisor.get("image"), engine.get("image") if isinstance(engine, dict) else None]
    return [name if "/" in name else f"docker.io/library/{name}" for name in images if name]


def make(directory: pathlib.Path, programs: pathlib.Path, binary: pathlib.Path):
    """Makes all of them as archives in `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    _pause(directory, programs)
    _workspaces(directory, programs)
    _supervisors(directory, programs)
    _webhook(directory, binary)


def _pause(directory: pathlib.Path, programs: pathlib.Path):
    image = Image(directory / "pause")
    image.copy(programs / "pause", "/pause")
    image.pack(directory / "pause.tar", [containerd.PAUSE], {"Entrypoint": ["/pause"]})


def _workspaces(directory: pathlib.Path, programs: pathlib.Path):
    for name, getent in (("workspace", True), ("workspace-no-getent", False)):
        image = Image(directory / name)
        image.busybox()
        if getent:
            image.copy_with_libraries(pathlib.Path("/usr/bin/getent"), "/usr/bin/getent")
            image.copy(programs / "docker-engine", "/bin/docker-engine")
            image.write("/bin/docker", '#!/bin/sh\nexec docker-engine docker "$@"\n', 0o755)
        image.pack(directory / f"{name}.tar", [f"localhost/{name}:1"], {"Cmd": WAIT, "Env": PATH})


def _supervisors(directory: pathlib.Path, programs: pathlib.Path):
    image = Image(directory / "supervisor")
    image.busybox()
    for name in ("envbox", "docker"):
        image.copy(STANDINS / name, f"/{name}" if name == "envbox" else f"/usr/bin/{name}")
    image.copy_with_libraries(pathlib.Path("/usr/bin/flock"), "/usr/bin/flock")
    for name in ("idmapped", "docker-engine"):
        image.copy(programs / name, f"/usr/bin/{name}")
    # What the inner image is taken to have.
    image.copy(programs / "docker-engine", "/inner/bin/docker-engine")
    for name in ("docker", "dockerd"):
        image.write(f"/inner/bin/{name}", f'#!/bin/sh\nexec docker-engine {name} "$@"\n', 0o755)
    image.write("/bin/getent", '#!/bin/sh\n[ "$1" = passwd ] && grep "^$2:" /etc/passwd\n', 0o755)
    image.pack(directory / "supervisor.tar", shipped_images(), {"Env": PATH})

    for name, end in BROKEN.items():
        image = Image(directory / name)
        image.busybox()
        image.write("/envbox", f"#!/bin/sh\necho '{FAILURE}' | tee /dev/termination-log\n{end}\n", 0o755)
        image.pack(directory / f"{name}.tar", [f"localhost/{name}:1"], {"Env": PATH})


def _webhook(directory: pathlib.Path, binary: pathlib.Path):
    image = Image(directory / "cvm-webhook")
    image.copy_with_libraries(binary, "/cvm-webhook")
    (image.root / "etc").mkdir(exist_ok=True)
    version = subprocess.run([binary, "--version"], capture_output=True, text=True).stdout.strip()
    image.pack(directory / "cvm-webhook.tar", [WEBHOOK], {
        "Entrypoint": ["/cvm-webhook"], "Labels": {"org.opencontainers.image.version": version}})
