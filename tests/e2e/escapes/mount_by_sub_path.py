"""The workspace mounts only a part of the supervisor's volume, by subPath."""

from harness.pods import workspace

RULES = ("reserved-name",)


def attempt(user):
    return user.create(workspace(container={"volumeMounts": [
        {"name": "cvm-lib-modules", "mountPath": "/modules", "subPath": "6.8.0-45-generic"}]}))
