"""An inline volume of a CSI driver, which may mount any directory of the node that it is told to."""

from harness.pods import workspace

RULES = ("volume-driver",)


def attempt(user):
    return user.create(workspace(volumes=[{"name": "node", "csi": {
        "driver": "hostpath.csi.k8s.io", "volumeAttributes": {"path": "/usr/src"}}}]))
