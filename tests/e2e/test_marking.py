"""Nodes are marked with what they can host: by two replicas at once, with few writes."""

import json
import time

import pytest
from harness.nodes import CVM_NODES, SELINUX_LABEL, node
from harness.processes import wait_for

CVM, CVM_GPU = "cvm-webhook.io/cvm", "cvm-webhook.io/cvm-gpu"
REASONS = "cvm-webhook.io/cvm-reasons"
ACCOUNT = "system:serviceaccount:cvm-system:cvm-webhook"
# Longer than any replica takes from one look at the nodes to the next.
SEVERAL_LOOKS = 4.0


def _nodes(kubectl) -> dict[str, dict]:
    return {item["metadata"]["name"]: item["metadata"] for item in kubectl.get("nodes")["items"]}


def _marks(metadata: dict) -> tuple[str | None, str | None]:
    labels = metadata.get("labels", {})
    return labels.get(CVM), labels.get(CVM_GPU)


def _writes(cluster) -> int:
    """How often nodes were written by the webhook, as the API server counts."""
    return sum(event["user"]["username"] == ACCOUNT
               for event in cluster.control_plane.audit_events(None, "nodes"))


@pytest.fixture(scope="module")
def replicas(cluster):
    """Two replicas that mark; afterwards the nodes carry what they did before."""
    before = _nodes(cluster.kubectl)
    started = _writes(cluster)
    both = [cluster.webhooks.start({"nodes": {"mark": True}}) for _ in range(2)]
    wait_for("every node to be marked", lambda: all(
        None not in _marks(item) for item in _nodes(cluster.kubectl).values()))
    both[0].first_writes = _writes(cluster) - started
    yield both
    for instance in both:
        instance.stop()
    for name, metadata in before.items():
        changes = {key: metadata["labels"].get(key) for key in (CVM, CVM_GPU)}
        cluster.kubectl("patch", "node", name, "--patch", json.dumps(
            {"metadata": {"labels": changes, "annotations": {REASONS: None}}}))


def test_two_replicas_write_each_node_at_most_twice_and_then_never(cluster, kubectl, replicas):
    count = len(_nodes(kubectl))
    time.sleep(SEVERAL_LOOKS)
    assert count <= replicas[0].first_writes <= 2 * count
    assert _writes(cluster) == sum(
        int(replica.metric("cvm_webhook_node_mark_writes_total")) for replica in replicas)
    assert all(replica.metric("cvm_webhook_node_mark_failures_total") == 0 for replica in replicas)
    settled = _writes(cluster)
    time.sleep(SEVERAL_LOOKS)
    assert _writes(cluster) == settled


def test_marks_say_what_each_node_can_host_and_why_not(kubectl, replicas):
    nodes = _nodes(kubectl)
    assert _marks(nodes["cvm-1"]) == ("true", "true")
    assert REASONS not in nodes["cvm-1"].get("annotations", {})
    assert _marks(nodes["selinux-1"]) == ("false", "false")
    assert nodes["selinux-1"]["annotations"][REASONS].startswith("node-selinux: ")
    assert _marks(nodes["gke-gpu-1"]) == ("true", "false")
    assert nodes["gke-gpu-1"]["annotations"][REASONS].startswith("gpu-cloud (GPU): ")
    assert _marks(nodes["metal-gpu-1"]) == ("true", "true")
    managers = {item["manager"]: item for item in json.loads(kubectl(
        "get", "node", "selinux-1", "--show-managed-fields", "-o", "json"))["metadata"][
            "managedFields"]}
    assert managers["cvm-webhook"]["operation"] == "Apply"


def test_kubectl_get_nodes_answers_the_administrator(kubectl, replicas):
    lines = kubectl("get", "nodes", "-L", CVM, "--no-headers").splitlines()
    shown = {line.split()[0]: line.split()[-1] for line in lines}
    assert shown["cvm-1"] == "true"
    assert shown["s390x-1"] == "false"


def test_heartbeats_are_not_answered_with_writes(cluster, kubectl, replicas):
    settled = _writes(cluster)
    for minute in range(3):
        for name in ("cvm-1", "selinux-1"):
            kubectl("patch", "node", name, "--subresource=status", "--patch", json.dumps(
                {"status": {"conditions": [{
                    "type": "Ready", "status": "True",
                    "lastHeartbeatTime": f"2026-01-01T00:0{minute + 1}:00Z"}]}}))
    time.sleep(SEVERAL_LOOKS)
    patches = _writes(cluster) - settled
    assert patches == 0


def test_marks_follow_what_the_node_says(cluster, kubectl, replicas):
    settled = _writes(cluster)
    for value, mark in (("false", "true"), ("true", "false")):
        kubectl("label", "node", "watched-1", f"{SELINUX_LABEL}={value}", "--overwrite")
        wait_for(f"the mark {mark}", lambda: _marks(_nodes(kubectl)["watched-1"])[0] == mark)
    time.sleep(SEVERAL_LOOKS)
    assert 2 <= _writes(cluster) - settled <= 4
    assert "node-selinux" in _nodes(kubectl)["watched-1"]["annotations"][REASONS]


def test_a_mark_that_somebody_takes_away_comes_back(kubectl, replicas):
    kubectl("label", "node", CVM_NODES[1], f"{CVM}-")
    wait_for("the mark", lambda: _marks(_nodes(kubectl)[CVM_NODES[1]]) == ("true", "true"),
             timeout=60)


def test_a_new_node_is_marked_and_one_that_goes_is_no_error(kubectl, replicas):
    for round_number in range(3):
        kubectl("create", "-f", "-", stdin=node("passing-1", "passing"))
        if round_number == 0:
            wait_for("its mark", lambda: None not in _marks(_nodes(kubectl)["passing-1"]))
        kubectl("delete", "node", "passing-1")
    time.sleep(SEVERAL_LOOKS)
    assert "passing-1" not in _nodes(kubectl)
    assert all(replica.metric("cvm_webhook_node_mark_failures_total") == 0 for replica in replicas)


def test_marking_goes_on_after_the_api_server_restarted(cluster, kubectl, replicas):
    cluster.control_plane.restart_api_server()
    kubectl("label", "node", "watched-1", f"{SELINUX_LABEL}=false", "--overwrite")
    try:
        wait_for("the mark", lambda: _marks(_nodes(kubectl)["watched-1"])[0] == "true", timeout=90)
    finally:
        kubectl("label", "node", "watched-1", f"{SELINUX_LABEL}=true", "--overwrite")
    wait_for("the mark", lambda: _marks(_nodes(kubectl)["watched-1"])[0] == "false", timeout=90)
