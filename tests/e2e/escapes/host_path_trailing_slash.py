"""A hostPath to /var/lib/kubelet/, written with a slash at its end and one in the middle twice."""

from harness.pods import workspace

RULES = ("pod-security-host-path-volumes",)


def attempt(user):
    return user.create(workspace(
        volumes=[{"name": "pods", "hostPath": {"path": "/var//lib/kubelet/"}}]))
