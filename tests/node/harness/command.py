"""./dev node: a real node for developers."""

import argparse
import os
import pathlib
import subprocess
import sys

import yaml

from .machine import NODES, Failed, Machine, cannot_be_made
from .node import Node, Programs

DIRECTORY = NODES / "up"
SETTINGS = pathlib.Path(__file__).resolve().parents[1] / "settings.yaml"

DESCRIPTION = """\
A real Kubernetes node in namespaces of this machine: kubelet, containerd, runc, a control plane, and
cvm-webhook as manifests/base installs it. Its images are stand-ins (tests/node/README.md)."""
NEXT = """
  kubectl   {kubectl} get pods --all-namespaces
  a CVM     {kubectl} create namespace dev
            {kubectl} label namespace dev cvm-webhook.io/workspaces=enabled
            {kubectl} run dev --namespace dev --image=localhost/workspace:1 --image-pull-policy=IfNotPresent
  inside    ./dev node shell [COMMAND...]
  logs      {log}
  the end   ./dev node down"""


def up(options) -> int:
    if reason := cannot_be_made():
        print(f"dev: this machine can hold no node: {reason}", file=sys.stderr)
        return 1
    node = Node(DIRECTORY)
    if node.machine.init() is not None:
        print("the node is up already")
    else:
        _start(node, yaml.safe_load(options.settings.read_text()))
    print(NEXT.format(kubectl=os.path.relpath(node.kubectl.binary), log=os.path.relpath(node.machine.log)))
    return 0


def _start(node: Node, settings: dict):
    programs = Programs.build()
    try:
        node.start(programs, _say, ends_with_us=False)
        node.install(programs, settings, _say)
    except BaseException:
        node.stop()
        raise


def _say(line: str):
    print(line, flush=True)


def down(_) -> int:
    Machine(DIRECTORY).stop()
    subprocess.run(["rm", "-rf", DIRECTORY], check=True)
    return 0


def shell(options) -> int:
    machine = Machine(DIRECTORY)
    if machine.init() is None:
        print("dev: the node is not up: ./dev node up", file=sys.stderr)
        return 1
    return subprocess.run(machine.command(*(options.command or ["bash"]))).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev node", description=DESCRIPTION,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True, metavar="up | down | shell")
    verb = verbs.add_parser("up", help="start it; it stays until it is taken down")
    verb.add_argument("--settings", type=pathlib.Path, default=SETTINGS, metavar="FILE",
                      help="settings of cvm-webhook (default: those of the tests)")
    verb.set_defaults(run=up)
    verb = verbs.add_parser("down", help="end it and remove all that is of it")
    verb.set_defaults(run=down)
    verb = verbs.add_parser("shell", help="a shell, or a command, as root on the node")
    verb.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    verb.set_defaults(run=shell)
    options = parser.parse_args()
    try:
        return options.run(options)
    except (Failed, AssertionError) as error:
        print(f"dev: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
