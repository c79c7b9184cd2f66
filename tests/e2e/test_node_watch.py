"""The watch of nodes against a real API server that goes away, comes back, and forgets.

The API server is one of this file's own, as it is stopped. What only a broken API server would do
stays with the unit tests (tests/unit/kubernetes): 410 in the middle of a list, which takes a list
of thousands of nodes that is slower than etcd's compaction, and 410 as an HTTP status: the API
server answers a watch with 200 and says it in the first event.
"""

import pytest
from harness.cluster import WORKSPACES
from harness.link import Link
from harness.nodes import GOOD, SELINUX_LABEL, node
from harness.pods import try_to_bind, workspace
from harness.processes import wait_for

SELINUX = {SELINUX_LABEL: "true"}
AT_MOST = 60  # seconds; the longest pause between two attempts is 30


@pytest.fixture(scope="module")
def cluster(new_cluster):
    """Instead of the session's."""
    with new_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def namespace(cluster) -> str:
    """Made once: the controllers take their time to come back after an API server does."""
    return cluster.new_namespace(WORKSPACES)


@pytest.fixture
def link(cluster):
    link = Link(cluster.control_plane.port)
    yield link
    link.stop()


@pytest.fixture
def instance(cluster, link):
    """Alone behind the Service; it knows the API server by the link only."""
    kubeconfig = cluster.control_plane.service_account_kubeconfig("cvm-system", "cvm-webhook",
                                                                  link.port)
    instance = cluster.webhooks.start(kubeconfig=kubeconfig)
    cluster.balancer.route_to(instance)
    yield instance
    cluster.balancer.route_to()
    instance.stop()


def _readiness(instance) -> dict[str, str]:
    """Check -> what is said of it; the instance is ready all the time."""
    status, detail = instance.ops("/readyz?verbose")
    assert status == 200, detail
    return dict(line.removeprefix("[+]").split(" ok", 1) for line in detail.splitlines()
                if line.startswith("[+]"))


def _is_behind(instance) -> bool:
    """Of everything that is watched."""
    said = _readiness(instance)
    return all("not up to date: " in said[check] for check in (
        "nodes", "runtimeClass", "pods", "namespaces", "persistentVolumes"))


def _is_up_to_date(instance, count: int) -> bool:
    said = _readiness(instance)
    return (said["nodes"].startswith(f": {count} nodes, confirmed ")
            and "not up to date" not in str(said))


def _count(kubectl) -> int:
    return len(kubectl("get", "nodes", "-o", "name").splitlines())


def _log(instance, text: str) -> list[str]:
    """What the log says of nodes, in lines that contain `text`."""
    return [line["detail"] for line in instance.log_lines()
            if line.get("msg") == "nodes" and text in line["detail"]]


def _errors(instance) -> float:
    return instance.metric("cvm_webhook_node_errors_total")


def _is_told(kubectl, namespace: str, pool: str, text: str) -> bool:
    """Whether kubectl shows `text`, or nothing at all, for a pod on the nodes of a pool."""
    pod = workspace(nodeSelector={"pool": pool})
    told = kubectl.create(namespace, pod, "--dry-run=server").stderr
    return text in told if text else told == ""


class Changes:
    """A node of each fate: added, deleted, changed for the better and for the worse."""

    def __init__(self, kubectl, namespace: str, name: str):
        self._kubectl, self._namespace = kubectl, namespace
        self._pools = {fate: f"{name}-{fate}" for fate in ("added", "deleted", "mended", "worse")}
        kubectl("create", "-f", "-", stdin=[
            self._node("deleted", {}), self._node("mended", SELINUX), self._node("worse", {})])
        self.wait_for({"added": "cvm/no-candidate-node: ", "deleted": "",
                       "mended": "cvm/node-selinux: ", "worse": ""})

    def _node(self, fate: str, labels: dict) -> dict:
        pool = self._pools[fate]
        return node(pool, pool, **GOOD, labels=labels)

    def make(self):
        self._kubectl("create", "-f", "-", stdin=self._node("added", SELINUX))
        self._kubectl("delete", "node", self._pools["deleted"])
        self._kubectl("label", "node", self._pools["mended"], f"{SELINUX_LABEL}-")
        self._kubectl("label", "node", self._pools["worse"], f"{SELINUX_LABEL}=true")

    def wait_until_known(self):
        self.wait_for({"added": "cvm/node-selinux: ", "deleted": "cvm/no-candidate-node: ",
                       "mended": "", "worse": "cvm/node-selinux: "})

    def wait_for(self, expected: dict):
        for fate, text in expected.items():
            wait_for(f"{text or 'no complaint'} of {fate}", lambda: _is_told(
                self._kubectl, self._namespace, self._pools[fate], text), timeout=AT_MOST)


@pytest.mark.parametrize("how", ["shutdown", "crash"])
def test_the_api_server_is_stopped_and_started(cluster, kubectl, namespace, instance, how):
    changes = Changes(kubectl, namespace, f"after-{how}")
    count, errors = _count(kubectl), _errors(instance)
    wait_for("all nodes to be known", lambda: _is_up_to_date(instance, count))
    watches = instance.metric("cvm_webhook_node_watches_total")

    cluster.control_plane.stop_api_server(how)
    wait_for("readiness to say so", lambda: _is_behind(instance))
    assert instance.metric("cvm_webhook_nodes") == count, "what was known is known"
    wait_for("the error to be counted", lambda: _errors(instance) > errors)

    cluster.control_plane.start_api_server()
    changes.make()
    changes.wait_until_known()
    wait_for("readiness to say so", lambda: _is_up_to_date(instance, count), timeout=AT_MOST)
    assert instance.metric("cvm_webhook_nodes") == count  # one more, one less
    assert instance.metric("cvm_webhook_nodes_stale") == 0
    assert instance.metric("cvm_webhook_nodes_age_seconds") < AT_MOST
    assert instance.metric("cvm_webhook_node_watches_total") > watches

    kubectl.created(namespace, workspace(how, schedulerName="by-hand"))
    refused = try_to_bind(kubectl, namespace, how, "selinux-1")
    assert "cvm/node-binding: " in refused.stderr, "a pod that was created after it is known"


def test_a_watch_that_is_cut_goes_on_where_it_was(cluster, kubectl, namespace, instance, link):
    """No event is missed, and the nodes are not listed anew."""
    changes = Changes(kubectl, namespace, "cut")
    errors = _errors(instance)
    link.cut()
    wait_for("the error to be counted", lambda: _errors(instance) > errors)
    changes.make()
    link.mend()
    changes.wait_until_known()
    assert len(_log(instance, "listed ")) == 1, "by the watch alone"
    wait_for("readiness to say so", lambda: _is_up_to_date(instance, _count(kubectl)))
    assert instance.metric("cvm_webhook_node_lists_total") == 1


def _assert_listed_once_more(kubectl, instance, lists: int, message: str):
    gone = _log(instance, "the API server ended a watch of nodes: 410 ")
    assert gone and message in gone[-1], gone
    assert len(_log(instance, "listed ")) == lists + 1
    wait_for("readiness to say so", lambda: _is_up_to_date(instance, _count(kubectl)))
    wait_for("the list to be counted", lambda: instance.metric(
        "cvm_webhook_node_lists_total") == lists + 1, timeout=5)


def test_a_version_that_a_new_api_server_does_not_know_is_followed_by_a_list(
        cluster, kubectl, namespace, instance, link):
    """Its watch cache begins with what etcd held when it started."""
    changes = Changes(kubectl, namespace, "unknown")
    errors = _errors(instance)
    link.cut()
    wait_for("the error to be counted", lambda: _errors(instance) > errors)
    changes.make()
    cluster.control_plane.restart_api_server()
    link.mend()
    changes.wait_until_known()
    _assert_listed_once_more(kubectl, instance, 1, "too old resource version: ")


def test_a_version_that_etcd_has_compacted_is_followed_by_a_list(cluster, kubectl, namespace,
                                                                instance, link):
    # Without the watch cache, watches of nodes are etcd's own. The API server stays without it:
    # nothing below this test needs it.
    cluster.control_plane.restart_api_server("--watch-cache-sizes=nodes#0")
    changes = Changes(kubectl, namespace, "compacted")
    wait_for("the watches to be back", lambda: _is_up_to_date(instance, _count(kubectl)),
             timeout=AT_MOST)
    lists, errors = len(_log(instance, "listed ")), _errors(instance)
    link.cut()
    wait_for("the error to be counted", lambda: _errors(instance) > errors)
    changes.make()
    cluster.control_plane.compact_etcd()
    link.mend()
    changes.wait_until_known()
    _assert_listed_once_more(kubectl, instance, lists,
                             "The resourceVersion for the provided watch is too old")
