"""A probe of the cloud's metadata service: the kubelet calls it, from the node's own network."""

from harness.pods import workspace

RULES = ("pod-security-host-probes",)


def attempt(user):
    return user.create(workspace(container={
        "livenessProbe": {"httpGet": {"host": "169.254.169.254", "port": 80, "path": "/latest"}}}))
