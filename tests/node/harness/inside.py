"""The first program in a new machine: makes its root, devices and network, and becomes its init.

The root is an overlay of the outer machine's, with what changes on a tmpfs; /var is on the disk, for
an overlay cannot have its upper directory on another one, and containers have overlays.
"""

import json
import os
import pathlib
import subprocess
import sys

from . import cgroups

NAME = "cvm-node-1"
ADDRESS = "10.99.0.2"
SERVICE = "10.0.0.1"  # of the API server, which pods call by it
API_PORT = 6443
DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "kmsg", "fuse", "loop-control", "net/tun")
# What the kubelet and containers want of sysctls that are the outer machine's: read-only files with
# these values, so that nothing is written.
SYSCTLS = {"vm/overcommit_memory": 1, "vm/panic_on_oom": 0, "kernel/panic": 10,
           "kernel/panic_on_oops": 1, "kernel/keys/root_maxkeys": 1000000,
           "kernel/keys/root_maxbytes": 25000000}
OS_RELEASE = 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\n'
# Reaps what is left to it; ends, and all with it, when the services do.
INIT = 'trap "kill $!" TERM; "$@" & wait $!'


def _run(*command):
    subprocess.run([*map(str, command)], check=True, stdin=subprocess.DEVNULL)


def _mount(kind: str, target: pathlib.Path, options: str = "", source: str | None = None):
    target.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", kind, *(["-o", options] if options else []), source or kind, target)


def _bind(source: pathlib.Path, target: pathlib.Path):
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    _run("mount", "--bind", source, target)


def make_root(directory: pathlib.Path, bound: list[pathlib.Path]) -> pathlib.Path:
    root, changes = directory / "root", directory / "changes"
    _run("mount", "--make-rprivate", "/")
    _mount("tmpfs", changes)
    for name in ("up", "work"):
        (changes / name).mkdir()
    _mount("overlay", root, f"lowerdir=/,upperdir={changes / 'up'},workdir={changes / 'work'}")
    _make_var(root, directory / "var")
    for path in bound:
        _bind(path, root / path.relative_to("/"))
    _mount("proc", root / "proc")
    _mount("sysfs", root / "sys")
    _mount("tmpfs", root / "run", "mode=755")
    cgroups.mount_inside(root)
    for path in (root / "lib/modules" / os.uname().release, root / "usr/src"):
        path.mkdir(parents=True, exist_ok=True)
    (root / "etc/os-release").unlink(missing_ok=True)
    (root / "etc/os-release").write_text(OS_RELEASE)
    (root / "etc/hosts").write_text(f"127.0.0.1 localhost\n{ADDRESS} {NAME}\n")
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").write_text("nameserver 10.99.0.254\n")  # nobody: no test needs names
    return root


def _make_var(root: pathlib.Path, disk: pathlib.Path):
    kind = subprocess.run(["stat", "-f", "-c", "%T", disk], check=True, capture_output=True, text=True).stdout
    if kind.strip() == "overlayfs":
        _mount("tmpfs", root / "var")  # this takes more memory
    else:
        _bind(disk, root / "var")
    for name in ("lib", "log", "tmp", "cache"):
        (root / "var" / name).mkdir(exist_ok=True)
    (root / "var/run").symlink_to("/run")


def make_devices(root: pathlib.Path):
    dev = root / "dev"
    _mount("tmpfs", dev, "mode=755")
    for name in ("pts", "shm", "mqueue", "net"):
        (dev / name).mkdir()
    for name in DEVICES:
        if pathlib.Path("/dev", name).exists():
            _run("cp", "-a", f"/dev/{name}", dev / name)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"),
                         ("stderr", "fd/2"), ("ptmx", "pts/ptmx")):
        (dev / name).symlink_to(target)
    _mount("devpts", dev / "pts", "newinstance,ptmxmode=0666,mode=620")
    _mount("tmpfs", dev / "shm")
    _mount("mqueue", dev / "mqueue")


def make_network():
    """An address of its own that leads nowhere, and the API server's Service as a rule of iptables."""
    pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    for command in (
        "ip link set lo up",
        "ip link add eth0 type veth peer name uplink0",
        f"ip addr add {ADDRESS}/24 dev eth0",
        "ip link set eth0 up",
        "ip link set uplink0 up",
        "ip route add default via 10.99.0.254 dev eth0",
        *(f"iptables -w -t nat -A {chain} -d {SERVICE} -p tcp --dport 443 -j DNAT --to {ADDRESS}:{API_PORT}"
          for chain in ("PREROUTING", "OUTPUT")),
    ):
        _run(*command.split())


def protect_sysctls(root: pathlib.Path):
    whole, values = root / "run/proc-whole", root / "run/sysctl"
    _mount("proc", whole)  # the kernel lets a user namespace mount proc only where a whole one is
    _bind(root / "proc/sys", root / "proc/sys")
    _run("mount", "-o", "remount,ro,bind", root / "proc/sys")
    _bind(whole / "sys/net", root / "proc/sys/net")
    values.mkdir()
    for name, value in SYSCTLS.items():
        if (root / "proc/sys" / name).exists():
            file = values / name.replace("/", ".")
            file.write_text(f"{value}\n")
            _bind(file, root / "proc/sys" / name)


def enter(root: pathlib.Path):
    os.chdir(root)
    pathlib.Path(".old").mkdir()
    _run("pivot_root", ".", ".old")
    os.chdir("/")
    _run("umount", "-l", "/.old")
    os.rmdir("/.old")
    _run("mount", "--make-rshared", "/")


def main(directory: pathlib.Path):
    bound = [pathlib.Path(path) for path in json.loads((directory / "bound.json").read_text())]
    root = make_root(directory, bound)
    make_devices(root)
    _run("hostname", NAME)
    make_network()
    protect_sysctls(root)
    here = os.getcwd()
    enter(root)
    os.chdir(here)
    os.execvp("bash", ["bash", "-c", INIT, "init", sys.executable, "-m", "harness.services", directory])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
