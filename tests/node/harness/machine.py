"""A machine in this machine: namespaces of its own, in which a node runs as if it were alone.

Nothing of it outlives its init: the kernel ends all its processes, mounts and network devices with
that. Only empty cgroups stay when it is killed from outside; the next start removes them.
"""

import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from . import cgroups

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
NAMESPACES = {"mount": "--mount", "network": "--net", "process": "--pid", "cgroup": "--cgroup",
              "ipc": "--ipc", "uts": "--uts"}


# Where a checkout keeps its nodes: that of ./dev node, and that of the tests.
NODES = REPOSITORY / "build/node"


class Failed(Exception):
    """The machine did not come up; says why."""


def cannot_be_made() -> str | None:
    """Why this machine can hold no node: no cgroups, mounts or namespaces. None where it can."""
    if os.geteuid() != 0:
        return "only root may make cgroups, mounts and namespaces here"
    for name, flag in NAMESPACES.items():
        done = subprocess.run(["unshare", flag, "--fork", "true"], capture_output=True, text=True)
        if done.returncode:
            return f"no {name} namespace can be made: {done.stderr.strip()}"
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "sh", "-ec",
         "mount --make-rprivate /; mount -t tmpfs tmpfs /mnt; mkdir /mnt/up /mnt/work /mnt/root /mnt/proc;"
         "mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/up,workdir=/mnt/work /mnt/root;"
         "mount -t proc proc /mnt/root/proc; test -w /mnt/root/etc"], capture_output=True, text=True)
    if done.returncode:
        return f"nothing can be mounted: {done.stderr.partition(chr(10))[0]}"
    try:
        cgroups.remove(cgroups.make(f"cvm-node-probe-{os.getpid()}"))
    except cgroups.NoCgroups as error:
        return str(error)
    return None


class Machine:
    """The machine whose state is in `directory`: on a disk, since its /var is there."""

    def __init__(self, directory: pathlib.Path):
        self.directory = directory.resolve()
        self.log = self.directory / "log"
        self._record = self.directory / "machine.json"

    def lock(self):
        """Keeps the directory for this process, until it ends."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._lock = open(self.directory.with_suffix(".lock"), "w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(f"another process is using {self.directory}") from None

    def start(self, bound: list[pathlib.Path], ends_with_us: bool):
        """Starts it. `bound` are directories of this machine that it sees at their own paths."""
        self.stop()
        for name in ("var", "root", "log"):
            shutil.rmtree(self.directory / name, ignore_errors=True)
            (self.directory / name).mkdir(parents=True)
        directories = cgroups.make(_name(self.directory))
        (self.directory / "bound.json").write_text(json.dumps([str(path) for path in bound]))
        # Enters the cgroups first, so that they are the roots of its cgroup namespace.
        enter = 'for g in $CGROUPS; do echo $$ >"$g/cgroup.procs"; done; exec "$@"'
        tied = ["setpriv", "--pdeathsig", "KILL", "--"] if ends_with_us else []
        with open(self.log / "machine.log", "wb") as output:
            self._unshare = subprocess.Popen(
                [*tied, "sh", "-c", enter, "sh", "unshare", *NAMESPACES.values(), "--fork",
                 "--kill-child=KILL", "--", sys.executable, "-m", "harness.inside", self.directory],
                cwd=HERE.parent, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=not ends_with_us,
                env={**os.environ, "CGROUPS": " ".join(map(str, directories)),
                     "PYTHONDONTWRITEBYTECODE": "1"})
        children = pathlib.Path(f"/proc/{self._unshare.pid}/task/{self._unshare.pid}/children")
        deadline = time.monotonic() + 10
        while not (found := children.read_text().split() if children.exists() else []):
            if self._unshare.poll() is not None or time.monotonic() > deadline:
                cgroups.remove(directories)
                raise Failed(f"unshare(1) did not start the machine:\n{self.tail()}")
            time.sleep(0.02)
        cgroups.take_out(self._unshare.pid, directories)
        self._record.write_text(json.dumps({
            "init": int(found[0]), "started": _start_time(int(found[0])),
            "cgroups": [str(path) for path in directories]}))

    def init(self) -> int | None:
        """The pid of its init, when it runs."""
        if not self._record.exists():
            return None
        record = json.loads(self._record.read_text())
        return record["init"] if _start_time(record["init"]) == record["started"] else None

    def must_run(self) -> int:
        if (init := self.init()) is None:
            raise Failed(f"the machine has ended:\n{self.tail()}")
        return init

    def tail(self, lines: int = 30) -> str:
        """The ends of its logs."""
        ends = []
        for log in sorted(self.log.glob("*.log")):
            text = log.read_text(errors="replace").splitlines()[-lines:]
            ends += [f"--- {log}", *text] if text else []
        return "\n".join(ends)

    def stop(self):
        """Ends it, when it runs, and removes its cgroups."""
        if not self._record.exists():
            return
        if (init := self.init()) is not None:
            os.kill(init, signal.SIGKILL)
            deadline = time.monotonic() + 15
            while self.init() is not None and time.monotonic() < deadline:
                if hasattr(self, "_unshare"):
                    self._unshare.poll()
                time.sleep(0.02)
        if hasattr(self, "_unshare"):
            self._unshare.wait(timeout=15)
        cgroups.remove([pathlib.Path(path) for path in json.loads(self._record.read_text())["cgroups"]])
        self._record.unlink()

    def command(self, *command: str) -> list[str]:
        """What runs a command in it, as root."""
        return ["nsenter", "--target", str(self.must_run()), "--mount", "--net", "--pid", "--cgroup",
                "--ipc", "--uts", "--root", "--wd=/", "--", *map(str, command)]

    def run(self, *command: str, check: bool = True) -> str:
        done = subprocess.run(self.command(*command), capture_output=True, text=True, timeout=60)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}: {done.stderr}")
        return done.stdout


def _name(directory: pathlib.Path) -> str:
    """A name for its cgroups that no other machine's have."""
    return f"cvm-node-{hashlib.sha256(str(directory).encode()).hexdigest()[:12]}"


def _start_time(pid: int) -> int | None:
    """When a process began, which tells it from a later one with its number; None once it ended."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])
