"""The workspace mounts the volume that the supervisor will get: a directory of the node."""

from harness.pods import workspace

RULES = ("reserved-name",)


def attempt(user):
    return user.create(workspace(container={
        "volumeMounts": [{"name": "cvm-usr-src", "mountPath": "/node"}]}))
