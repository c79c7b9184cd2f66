"""A capability in the workspace with which it is as good as privileged, and can mount the node."""

from harness.pods import workspace

RULES = ("pod-security-capabilities-baseline",)


def attempt(user):
    return user.create(workspace(container={
        "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}))
