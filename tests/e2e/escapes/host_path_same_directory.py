"""A second hostPath, of another name, to a directory that the supervisor mounts."""

from harness.pods import workspace

RULES = ("pod-security-host-path-volumes",)


def attempt(user):
    return user.create(workspace(volumes=[{"name": "src", "hostPath": {"path": "/usr/src"}}]))
