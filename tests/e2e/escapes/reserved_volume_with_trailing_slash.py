"""The supervisor's volume with a slash at its path's end, not to be known for the same directory."""

from harness.pods import workspace

RULES = ("reserved-name", "plan-incomplete", "pod-security-host-path-volumes")


def attempt(user):
    return user.create(workspace(
        volumes=[{"name": "cvm-lib-modules", "hostPath": {"path": "/lib/modules/"}}]))
