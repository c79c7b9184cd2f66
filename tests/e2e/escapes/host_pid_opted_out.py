"""The node's processes, and with them the supervisors of others, seen from a pod that opted out."""

from harness.developer import OPTED_OUT
from harness.pods import workspace

RULES = ("pod-security-host-namespaces",)


def attempt(user):
    return user.create(workspace(labels=OPTED_OUT, hostPID=True))
