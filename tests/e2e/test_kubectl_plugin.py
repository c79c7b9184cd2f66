"""`kubectl cvm nodes`: what an administrator is told of the cluster that kubectl asks."""

import json
import re

from harness.nodes import CVM_NODES
from harness.pods import workspace


def test_the_nodes_of_the_cluster_are_judged(plugin):
    table = plugin("cvm", "nodes")
    assert re.search(rf"^{CVM_NODES[0]} \+1 +2 +yes +none +unknown ", table, re.MULTILINE), table
    assert re.search(r"^gke-gpu-1 +1 +yes +no +Google Cloud \(cloud\) .* gpu-cloud ", table, re.MULTILINE)
    assert re.search(r"^metal-gpu-1 +1 +yes +yes ", table, re.MULTILINE)
    names = sorted(node["metadata"]["name"] for node in plugin.get("nodes")["items"])
    assert re.search(rf"\n\n\d+ of {len(names)} nodes can host CVMs, \d+ of them with a GPU\n$", table)
    nodes = json.loads(plugin("cvm", "nodes", "-o", "json"))
    assert [node["name"] for node in nodes] == names


def test_a_cluster_of_none_that_can_host_ends_with_one(plugin):
    every_node = {"apiVersion": "cvm-webhook.io/v1alpha1", "kind": "CvmSettings", "compatibility": {
        "kernels": [{"from": "1.0", "action": "deny", "reason": "a test"}]}}
    outcome = plugin.try_run("cvm", "nodes", "--settings", "-", stdin=every_node)
    assert outcome.code == 1, outcome.stderr
    assert re.search(r"\n\n0 of \d+ nodes can host CVMs\n$", outcome.stdout)


def test_pods_are_told_how_many_nodes_could_host_them(plugin):
    pods = [workspace(nodeSelector={"pool": pool}) for pool in ("cvm", "selinux")]
    outcome = plugin.try_run("cvm", "nodes", "--pods", "-", "-o", "json", stdin=pods)
    assert outcome.ok, outcome.stderr
    fit, unfit = json.loads(outcome.stdout)["pods"]
    assert (fit["nodes"], fit["canHost"], fit["reason"]) == (2, 2, "")
    assert (unfit["nodes"], unfit["canHost"]) == (1, 0)
    assert unfit["reason"].startswith(
        "the only node this pod may land on cannot host a CVM: it runs SELinux")
