"""procMount Unmasked in a pod that opted out, with the user namespace that the API server wants."""

from harness.developer import OPTED_OUT
from harness.pods import workspace

RULES = ("pod-security-proc-mount",)


def attempt(user):
    return user.create(workspace(labels=OPTED_OUT, hostUsers=False, container={
        "securityContext": {"procMount": "Unmasked"}}))
