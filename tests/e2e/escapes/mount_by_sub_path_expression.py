"""An init container mounts a part of the supervisor's volume that a variable names (subPathExpr)."""

from harness.pods import workspace

RULES = ("reserved-name",)


def attempt(user):
    return user.create(workspace(initContainers=[{
        "name": "first", "image": "busybox", "env": [{"name": "WHERE", "value": "linux"}],
        "volumeMounts": [{"name": "cvm-usr-src", "mountPath": "/src", "subPathExpr": "$(WHERE)"}]}]))
