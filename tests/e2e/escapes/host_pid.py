"""The node's process namespace: the supervisor's file system is then at /proc/PID/root."""

from harness.pods import workspace

RULES = ("host-namespaces", "pod-security-host-namespaces")


def attempt(user):
    return user.create(workspace(hostPID=True))
