"""kubectl port-forward where an administrator forbids it: the supervisor's ports are the pod's."""

from harness.developer import NOT_RUNNING

SETTINGS = {"rules": {"port-forward": "deny"}}
RULES = ("port-forward",)
NOT_OURS = NOT_RUNNING


def attempt(user):
    return user.kubectl("port-forward", user.running_cvm(), ":2375")
