"""The cluster's own supervisor, image and command, in a pod that opted out of being a CVM.

Nobody would hold its environment and mounts against it, nor keep the user from entering it.
"""

from harness.developer import OPTED_OUT
from harness.pods import workspace

RULES = ("reserved-name", "pod-security-privileged")


def attempt(user):
    return user.create(workspace(labels=OPTED_OUT, initContainers=[
        {"name": "cvm-supervisor", "image": "ghcr.io/coder/envbox:latest",
         "command": ["/envbox", "docker"], "restartPolicy": "Always",
         "securityContext": {"privileged": True}}]))
