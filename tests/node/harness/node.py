"""A cluster of one real node with cvm-webhook installed, as `./dev node up` and the tests have it."""

import dataclasses
import json
import os
import pathlib
import subprocess
import time

from . import installation, standins
from .inside import NAME
from .kubectl import Kubectl
from .machine import REPOSITORY, Failed, Machine

_KUBECTL = """\
#!/bin/sh
# kubectl in the node's network, as its administrator.
export KUBECONFIG='{kubeconfig}' NO_PROXY='*'
exec nsenter --target "$(sed 's/.*"init": \\([0-9]*\\).*/\\1/' '{record}')" --net -- '{kubectl}' "$@"
"""


@dataclasses.dataclass(frozen=True)
class Programs:
    """What has been built before: binaries of the control plane and kubelet, of the runtime, of the webhook."""

    control_plane: pathlib.Path
    runtime: pathlib.Path
    webhook: pathlib.Path

    @classmethod
    def build(cls) -> "Programs":
        """Builds what is not there; says what it does on the standard error."""
        webhook = pathlib.Path(os.environ.get("CVM_WEBHOOK", REPOSITORY / "build/release/cvm-webhook"))
        if not os.access(webhook, os.X_OK):
            raise Failed(f"no binary at {webhook}; ./dev build makes it, CVM_WEBHOOK names another")
        return cls(_built("e2e/controlplane/build", "kubelet"), _built("node/runtime/build"), webhook.resolve())


def _built(script: str, *arguments: str) -> pathlib.Path:
    done = subprocess.run([REPOSITORY / "tests" / script, *arguments], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failed(f"tests/{script} failed")
    return pathlib.Path(done.stdout.splitlines()[-1])


class Node:
    """The node whose state is in `directory`."""

    def __init__(self, directory: pathlib.Path):
        self.machine = Machine(directory)
        self.directory = self.machine.directory
        self.kubectl = Kubectl(self.directory / "kubectl", self.directory / "control-plane/admin.kubeconfig",
                               self.directory)

    def start(self, programs: Programs, say=print, ends_with_us: bool = True):
        """Brings it up, without cvm-webhook; what has been reached is given to `say`."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "up").unlink(missing_ok=True)
        subprocess.run(["rm", "-rf", self.directory / "control-plane"], check=True)
        standins.make(self.directory / "images", programs.runtime, programs.webhook)
        (self.directory / "options.json").write_text(json.dumps(
            {"control_plane": str(programs.control_plane), "runtime": str(programs.runtime)}))
        self.machine.start(_bound(programs, self.directory), ends_with_us)
        record = self.directory / "machine.json"
        self.kubectl.binary.write_text(_KUBECTL.format(
            kubeconfig=self.kubectl.kubeconfig, record=record, kubectl=programs.control_plane / "kubectl"))
        self.kubectl.binary.chmod(0o755)
        self._wait_until_up(say)

    def install(self, programs: Programs, settings: dict, say=print):
        installation.install(self.kubectl, programs.webhook, self.directory / "installation", settings)
        say("cvm-webhook is installed and available")

    def _wait_until_up(self, say, timeout: float = 120):
        log, told = self.machine.log / "machine.log", 0
        deadline = time.monotonic() + timeout
        while True:
            up = (self.directory / "up").exists()
            lines = log.read_text().splitlines()
            for line in lines[told:]:
                say(line)
            told = len(lines)
            if up:
                return
            self.machine.must_run()
            if time.monotonic() > deadline:
                tail = self.machine.tail()
                self.stop()
                raise Failed(f"the node was not up within {timeout:g} s:\n{tail}")
            time.sleep(0.1)

    def stop(self):
        self.machine.stop()

    @property
    def name(self) -> str:
        return NAME


def _bound(programs: Programs, directory: pathlib.Path) -> list[pathlib.Path]:
    """What the node sees of this machine at its own path; its root has the rest of the root's file system."""
    # kubectl, for one, may be a link into KUBEBUILDER_ASSETS.
    linked = {path.resolve().parent for path in programs.control_plane.iterdir()}
    every = [REPOSITORY, directory, programs.runtime, programs.control_plane, *sorted(linked)]
    return list(dict.fromkeys(every))
