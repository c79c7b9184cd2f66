"""manifests/base as shipped on a real node: the Deployment's probes, mounts and security context hold."""

from harness.fleet import Wanted
from harness.installation import NAMESPACE, available
from harness.inside import NAME
from harness.workspaces import workspace

WANTED = {"answered": Wanted("wrap", workspace())}


def test_the_deployment_is_available(fleet, node):
    available(node.kubectl)
    pods = node.kubectl.get("pods", "-n", NAMESPACE)["items"]
    assert len(pods) == 2
    for pod in pods:
        assert [item["restartCount"] for item in pod["status"]["containerStatuses"]] == [0]


def test_it_answers_a_pods_creation(fleet):
    pod = fleet["answered"].pod()
    assert pod["metadata"]["annotations"]["cvm-webhook.io/plan"].startswith("v1:")
    assert pod["spec"]["runtimeClassName"] == "cvm"


def test_it_marks_the_node(fleet, node):
    labels = node.kubectl.get("node", NAME)["metadata"]["labels"]
    assert labels["cvm-webhook.io/cvm"] == "true"
