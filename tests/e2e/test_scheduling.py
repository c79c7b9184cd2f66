"""The real scheduler puts CVMs on the nodes that the RuntimeClass selects."""

from harness.nodes import CVM_LABEL, CVM_NODES
from harness.pods import workspace
from harness.processes import wait_for


def _node_of(kubectl, namespace: str, name: str) -> str:
    return wait_for(f"{name} to be bound", lambda: kubectl.get(
        "pod", name, "-n", namespace)["spec"].get("nodeName"))


def test_a_cvm_is_bound_to_a_labelled_node(kubectl, namespace, webhook):
    kubectl.created(namespace, workspace(nodeSelector={"pool": "cvm"}))
    node = _node_of(kubectl, namespace, "dev")
    assert node in CVM_NODES
    labels = kubectl.get("node", node)["metadata"]["labels"]
    assert CVM_LABEL.items() <= labels.items()


def test_a_cvm_waits_while_no_node_that_it_may_land_on_is_labelled(kubectl, namespace, webhook):
    kubectl("label", "nodes", "-l", "pool=cvm", "cvm-webhook.io/cvm-")
    try:
        kubectl.created(namespace, workspace(nodeSelector={"pool": "cvm"}))

        def reason():
            conditions = kubectl.get("pod", "dev", "-n", namespace)["status"].get("conditions", [])
            return next((item for item in conditions if item["type"] == "PodScheduled"), None)

        assert wait_for("the scheduler's word", reason)["reason"] == "Unschedulable"
    finally:
        kubectl("label", "nodes", "-l", "pool=cvm", "cvm-webhook.io/cvm=true")
    assert _node_of(kubectl, namespace, "dev") in CVM_NODES
