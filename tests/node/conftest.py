"""One node for the session, with the pods of all tests that were chosen."""

import pathlib
import shutil

import pytest
import yaml

from harness import machine
from harness.fleet import Fleet
from harness.node import Node, Programs

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def programs() -> Programs:
    if reason := machine.cannot_be_made():
        pytest.skip(f"this machine can hold no node: {reason}")
    return Programs.build()


@pytest.fixture(scope="session")
def node(programs, request):
    node = Node(machine.NODES / "test")
    node.machine.lock()
    try:
        node.start(programs)
        _prepare(node)
        node.install(programs, yaml.safe_load((HERE / "settings.yaml").read_text()))
        yield node
    finally:
        node.stop()
        if request.session.testsfailed:
            print(f"\nlogs of the node: {node.machine.log}, {node.directory}/control-plane/logs")
            shutil.rmtree(node.directory / "var", ignore_errors=True)
        else:
            shutil.rmtree(node.directory, ignore_errors=True)


def _prepare(node: Node):
    """What an administrator does: the class of mode native, and what the node says of itself."""
    node.kubectl("apply", "-f", machine.REPOSITORY / "manifests/samples/runtimeclass-sysbox.yaml")
    node.kubectl("label", "node", node.name, "sysbox-runtime=running", "cvm-webhook.io/shiftfs=true")


@pytest.fixture(scope="session")
def fleet(node, programs, request) -> Fleet:
    """The pods that the modules of the chosen tests name in WANTED."""
    wanted = {}
    for module in dict.fromkeys(item.module for item in request.session.items):
        for name, item in getattr(module, "WANTED", {}).items():
            assert name not in wanted, f"two modules want {name}"
            wanted[name] = item
    fleet = Fleet(node, programs.runtime)
    node.machine.run("mkdir", "-p", "/var/lib/sysbox/of-the-node")
    fleet.make(wanted)
    return fleet


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows what became of the pods when a test failed."""
    report = (yield).get_result()
    if report.when == "setup" and getattr(report, "wasxfail", None) is not None:
        # What a test expects not to hold is what it asks itself, not the node that it asks.
        del report.wasxfail
        report.outcome = "failed"
        report.longrepr = item.repr_failure(call.excinfo)
    node = getattr(item, "funcargs", {}).get("node")
    if report.when == "call" and report.failed and node is not None:
        report.sections.append(("pods", node.kubectl.try_run("get", "pods", "--all-namespaces").stdout))
