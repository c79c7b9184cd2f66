"""A port of the node, by which the workspace could stand in for a service of the node's."""

from harness.pods import workspace

RULES = ("pod-security-host-ports",)


def attempt(user):
    return user.create(workspace(container={
        "ports": [{"containerPort": 10250, "hostPort": 10255}]}))
