"""A pod that opted out of being a CVM mounts the node's container runtime socket."""

from harness.developer import OPTED_OUT
from harness.pods import workspace

RULES = ("pod-security-host-path-volumes",)


def attempt(user):
    return user.create(workspace(labels=OPTED_OUT, volumes=[
        {"name": "socket", "hostPath": {"path": "/run/containerd/containerd.sock"}}]))
