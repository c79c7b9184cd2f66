"""The volume of kernel modules, which the supervisor loads, filled by the user from a ConfigMap."""

from harness.pods import workspace

RULES = ("reserved-name", "plan-incomplete")


def attempt(user):
    return user.create(workspace(volumes=[
        {"name": "cvm-lib-modules", "projected": {"sources": [{"configMap": {"name": "mine"}}]}}]))
