"""An inline volume of a CSI driver in a pod that opted out: the node's directories are the same."""

from harness.developer import OPTED_OUT
from harness.pods import workspace

RULES = ("inline-csi",)


def attempt(user):
    return user.create(workspace(labels=OPTED_OUT, volumes=[{"name": "node", "csi": {
        "driver": "hostpath.csi.k8s.io", "volumeAttributes": {"path": "/var/lib/kubelet"}}}]))
