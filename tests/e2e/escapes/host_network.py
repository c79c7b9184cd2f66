"""The node's network: the kubelet's and the container runtime's local ports are reached from it."""

from harness.pods import workspace

RULES = ("host-namespaces", "pod-security-host-namespaces")


def attempt(user):
    return user.create(workspace(hostNetwork=True))
