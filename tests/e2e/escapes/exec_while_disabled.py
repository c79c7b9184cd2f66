"""kubectl exec into the supervisor of a CVM that was made before an administrator disabled CVMs."""

from harness.developer import NOT_RUNNING

SETTINGS = {"enabled": False}
RULES = ("supervisor-access",)
NOT_OURS = NOT_RUNNING


def attempt(user):
    return user.kubectl("exec", "dev", "-c", "cvm-supervisor", "--", "sh")
