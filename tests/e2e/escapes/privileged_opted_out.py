"""A privileged pod that opted out of being a CVM: it needs no supervisor to reach the node."""

from harness.developer import OPTED_OUT
from harness.pods import workspace

RULES = ("pod-security-privileged",)


def attempt(user):
    return user.create(workspace(labels=OPTED_OUT, container={
        "securityContext": {"privileged": True}}))
