"""One control plane, one set of nodes and the shipped manifests for the whole session."""

import os
import pathlib
import subprocess
import time

import pytest

from harness import escapes
from harness.cluster import WORKSPACES, Cluster, running
from harness.webhook import WebhookInstance


HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOLD = pytest.StashKey[list[str]]()


def _binary() -> pathlib.Path:
    binary = pathlib.Path(os.environ.get("CVM_WEBHOOK", ROOT / "build/release/cvm-webhook"))
    if not os.access(binary, os.X_OK):
        pytest.exit(f"no binary at {binary}; ./dev build makes it, CVM_WEBHOOK names another", 2)
    return binary.resolve()


def _control_plane_binaries() -> pathlib.Path:
    built = subprocess.run([HERE / "controlplane" / "build"], stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        pytest.exit("the control plane could not be built", 2)
    return pathlib.Path(built.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def new_cluster(request):
    """Starts clusters, for tests that do to theirs what would disturb others."""
    return lambda: running(_binary(), _control_plane_binaries(),
                           lambda: request.session.testsfailed)


@pytest.fixture(scope="session")
def cluster(new_cluster):
    with new_cluster() as cluster:
        yield cluster


@pytest.fixture
def kubectl(cluster):
    return cluster.kubectl


@pytest.fixture
def plugin(cluster, tmp_path):
    """kubectl with the link kubectl-cvm in its PATH, for this test."""
    (tmp_path / "kubectl-cvm").symlink_to(cluster.binary)
    path = cluster.kubectl.env["PATH"]
    cluster.kubectl.env["PATH"] = f"{tmp_path}:{path}"
    yield cluster.kubectl
    cluster.kubectl.env["PATH"] = path


@pytest.fixture
def webhook(cluster) -> WebhookInstance:
    """The instance with the shipped settings, alone behind the Service."""
    return cluster.use()


@pytest.fixture
def namespace(cluster) -> str:
    """A new namespace that takes part."""
    return cluster.new_namespace(WORKSPACES)


@pytest.fixture
def other_namespace(cluster) -> str:
    """A new namespace that does not."""
    return cluster.new_namespace()


@pytest.fixture
def tell(request):
    """Takes lines for the end of the run: what was compared, and how much of it."""
    return request.config.stash.setdefault(TOLD, []).append


def pytest_sessionfinish(session):
    """Where tests run in several processes (-n 2), each gives its lines to the one that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["told"] = session.config.stash.get(TOLD, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    told = getattr(node, "workeroutput", {}).get("told", [])
    node.config.stash.setdefault(TOLD, []).extend(told)


def pytest_terminal_summary(terminalreporter, config):
    _tell_of_escapes(terminalreporter)
    if told := config.stash.get(TOLD, []):
        terminalreporter.section("what was compared")
        for line in told:
            terminalreporter.write_line(line)


def _tell_of_escapes(terminalreporter):
    """How many there are, and what became of them."""
    def passed(test: str) -> int:
        return sum(f"test_escapes.py::{test}[" in report.nodeid
                   for report in terminalreporter.stats.get("passed", []))

    if not (refused := passed("test_an_escape_is_refused")):
        return  # this run is about something else
    terminalreporter.section("escapes")
    terminalreporter.line(
        f"{len(escapes.load(HERE / 'escapes'))} attempts: {refused} escapes refused, "
        f"{passed('test_the_webhook_alone_refuses_it')} by the webhook alone; "
        f"{passed('test_it_goes_through_with_its_rules_off')} let through with their rules off")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows the end of the logs of the instances that served a failed test."""
    report = (yield).get_result()
    cluster = getattr(item, "funcargs", {}).get("cluster")
    if report.when == "call" and report.failed and isinstance(cluster, Cluster):
        time.sleep(0.1)  # the last lines are on their way
        for instance in cluster.balancer.behind():
            report.sections.append((f"log of {instance.name}", instance.process.tail(30)))
