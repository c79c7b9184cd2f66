"""The admission plugin PodNodeSelector: a namespace that is confined to some nodes.

The plugin runs before webhooks are called, so that the pod says of itself where it may land.
"""

import re

import pytest
from harness.cluster import WORKSPACES
from harness.pods import supervisor_of, workspace

SELECTOR = "scheduler.alpha.kubernetes.io/node-selector"


@pytest.fixture
def confined(cluster):
    """confined("a=b") makes a namespace that takes part and whose pods land on such nodes only."""
    return lambda selector: cluster.new_namespace(WORKSPACES, {SELECTOR: selector})


def test_a_pod_is_refused_where_its_namespace_has_no_fit_node(kubectl, namespace, webhook, confined):
    assert kubectl.create(namespace, workspace()).ok, "other nodes could host it"
    there = confined("pool=selinux")
    outcome = kubectl.create(there, workspace())
    assert outcome.code == 1
    assert re.fullmatch(
        r'Error from server \(Forbidden\): error when creating "STDIN": admission webhook '
        r'"mutate.cvm-webhook.io" denied the request: cvm/no-compatible-node: the only node '
        r"this pod may land on cannot host a CVM: it runs SELinux \(.*\)\n"
        r"cvm/node-selinux: .* \(holds for 1 of 1 node\)\n", outcome.stderr), outcome.stderr
    assert kubectl.get("pods", "-n", there)["items"] == []


def test_a_pod_is_admitted_where_its_namespace_has_fit_nodes(kubectl, webhook, confined):
    there = confined("pool=cvm")
    outcome = kubectl.create(there, workspace())
    assert (outcome.code, outcome.stderr) == (0, "")
    stored = kubectl.get("pod", "dev", "-n", there)
    assert stored["spec"]["nodeSelector"]["pool"] == "cvm"
    assert supervisor_of(stored)


def test_the_selectors_of_pod_and_namespace_hold_together(kubectl, webhook, confined):
    there = confined("kubernetes.io/arch=s390x")
    both = kubectl.create(there, workspace(nodeSelector={"pool": "s390x"}))
    assert "cvm/node-architecture: architecture s390x is not supported" in both.stderr
    neither = kubectl.create(there, workspace(nodeSelector={"pool": "cvm"}), "--dry-run=server")
    assert "Warning: cvm/no-candidate-node: " in neither.stderr


def test_a_pod_that_is_no_cvm_keeps_to_the_selector_alone(kubectl, webhook, confined):
    there = confined("pool=selinux")
    pod = kubectl.created(there, workspace(labels={"cvm-webhook.io/cvm": "false"}))
    assert pod["spec"]["nodeSelector"] == {"pool": "selinux"}
    assert supervisor_of(pod) is None
