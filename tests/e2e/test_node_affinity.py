"""Nodes that are not marked (nodes.mark: false): a node affinity keeps CVMs on those that can host
them, where a pod may land on both kinds."""

import pytest
from harness.nodes import CVM_NODES, SELINUX_LABEL
from harness.pods import workspace
from harness.processes import wait_for

REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def in_pools(*pools: str) -> dict:
    return {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": [
        {"matchExpressions": [{"key": "pool", "operator": "In", "values": list(pools)}]}]}}}


@pytest.fixture
def unmarked(cluster):
    return cluster.use({"nodes": {"mark": False}})


def test_a_pod_with_candidates_of_both_kinds_is_kept_on_the_good_ones(kubectl, namespace, unmarked):
    kubectl.created(namespace, workspace(affinity=in_pools("selinux", "cvm")))
    stored = kubectl.get("pod", "dev", "-n", namespace)
    terms = stored["spec"]["affinity"]["nodeAffinity"][REQUIRED]["nodeSelectorTerms"]
    assert terms == [{"matchExpressions": [
        {"key": "pool", "operator": "In", "values": ["selinux", "cvm"]},
        {"key": SELINUX_LABEL, "operator": "DoesNotExist"}]}]
    bound = wait_for("the scheduler to choose a node", lambda: kubectl.get(
        "pod", "dev", "-n", namespace)["spec"].get("nodeName"))
    assert bound in CVM_NODES


def test_a_pod_with_good_candidates_alone_is_left_as_it_is(kubectl, namespace, unmarked):
    kubectl.created(namespace, workspace(affinity=in_pools("cvm")))
    assert kubectl.get("pod", "dev", "-n", namespace)["spec"]["affinity"] == in_pools("cvm")
