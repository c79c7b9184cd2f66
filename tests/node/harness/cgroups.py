"""The node's cgroups: one directory in each hierarchy of the machine, in which the node sees its own root.

Version 1, also with an empty version 2 hierarchy beside it ("hybrid"), is what the node ran on so
far. Version 2 alone is written by the same rules and has not been run.
"""

import dataclasses
import errno
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path("/sys/fs/cgroup")
NEEDED = ("cpu", "memory", "pids")  # the kubelet starts no pod without these


class NoCgroups(Exception):
    """The machine lets us make none; says why."""


@dataclasses.dataclass(frozen=True)
class Hierarchy:
    mount: pathlib.Path  # where the machine has it
    options: str  # what mounts it again; empty for version 2
    own: pathlib.Path  # the directory that this process is in

    @property
    def version(self) -> int:
        return 1 if self.options else 2


def _mounts() -> list[tuple[str, pathlib.Path, str, set[str]]]:
    """(root, mount point, type, super options) of each cgroup mount."""
    found = []
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        fields, (kind, _, options) = before.split(), after.split()[:3]
        if kind in ("cgroup", "cgroup2"):
            found.append((fields[3], pathlib.Path(fields[4]), kind, set(options.split(","))))
    return found


def hierarchies() -> list[Hierarchy]:
    result = []
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        number, names, path = line.split(":", 2)
        for root, mount, kind, options in _mounts():
            same = kind == "cgroup2" if number == "0" else kind == "cgroup" and set(names.split(",")) <= options
            if not same:
                continue
            relative = os.path.relpath(path, root) if path.startswith(root) else "."
            how = "" if number == "0" else (f"none,{names}" if names.startswith("name=") else names)
            result.append(Hierarchy(mount, how, (mount / relative).resolve()))
            break
    names = {name for item in result for name in item.options.split(",")}
    unified = [item for item in result if item.version == 2]
    if unified and unified[0].mount == ROOT:
        return unified
    if lacking := [name for name in NEEDED if name not in names]:
        raise NoCgroups(f"no cgroup hierarchy with {', '.join(lacking)} is mounted below {ROOT}")
    return result


def make(name: str) -> list[pathlib.Path]:
    """Makes the node's directories; what is there of an earlier run is removed first."""
    made = []
    try:
        for item in hierarchies():
            # Version 2 lets a directory that has processes give no controllers to those below it,
            # unless it is the root: the node's stands there.
            directory = (item.own if item.version == 1 else item.mount) / name
            remove([directory])
            if item.version == 2 and item.mount == ROOT:
                _delegate(item.mount)
            directory.mkdir()
            made.append(directory)
            for file in ("cpuset.cpus", "cpuset.mems"):
                if item.version == 1 and (directory / file).exists():
                    (directory / file).write_text((directory.parent / file).read_text())
    except OSError as error:
        remove(made)
        raise NoCgroups(f"cannot make a cgroup: {error}") from error
    return made


def _delegate(directory: pathlib.Path, patience: float = 0):
    """Gives the directories below this one the controllers that it has (version 2).

    For `patience` seconds it may still have processes.
    """
    deadline = time.monotonic() + patience
    controllers = (directory / "cgroup.controllers").read_text().split()
    if lacking := [name for name in NEEDED if name not in controllers]:
        raise NoCgroups(f"{directory} has no controller {', '.join(lacking)}")
    given = (directory / "cgroup.subtree_control").read_text().split()
    for name in controllers:
        while name not in given:
            try:
                (directory / "cgroup.subtree_control").write_text(f"+{name}")
                break
            except OSError as error:
                if error.errno == errno.EBUSY and time.monotonic() < deadline:
                    time.sleep(0.02)
                    continue
                if name in NEEDED:
                    raise NoCgroups(f"{directory} does not give out {name}: {error}") from error
                break


def take_out(pid: int, directories: list[pathlib.Path]):
    """Takes a process out of the node's root (version 2), which must have none to give out controllers."""
    for directory in directories:
        if (directory / "cgroup.controllers").exists():
            (directory.parent / "cgroup.procs").write_text(str(pid))


def remove(directories: list[pathlib.Path], timeout: float = 5.0):
    """Removes them with all below them. The kernel refuses while it still ends their processes."""
    deadline = time.monotonic() + timeout
    for top in directories:
        while top.exists():
            for path, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(path)
                except OSError:
                    break
            if top.exists():
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{top} cannot be removed: processes are left in it")
                time.sleep(0.05)


def mount_inside(root: pathlib.Path):
    """Mounts the node's view at root/sys/fs/cgroup. Runs in the node's cgroup namespace."""
    target, every = root / "sys/fs/cgroup", hierarchies()
    if every[0].version == 2 and every[0].mount == ROOT:
        subprocess.run(["mount", "-t", "cgroup2", "cgroup2", target], check=True)
        # A directory with processes gives out no controllers: ours goes into one of its own, and
        # unshare(1) is taken out from outside (take_out), a moment from now.
        (target / "init").mkdir()
        (target / "init/cgroup.procs").write_text("0")
        _delegate(target, patience=5)
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", target], check=True)
    for item in every:
        if item.version == 1:
            (target / item.mount.name).mkdir()
            subprocess.run(["mount", "-t", "cgroup", "-o", item.options, "cgroup",
                            target / item.mount.name], check=True)
    for link in ROOT.iterdir():  # such as cpu -> cpu,cpuacct
        if link.is_symlink():
            (target / link.name).symlink_to(os.readlink(link))
