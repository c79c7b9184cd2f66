"""kubectl exec into the supervisor: a shell of root on the node."""

from harness.developer import NOT_RUNNING

RULES = ("supervisor-access",)
NOT_OURS = NOT_RUNNING


def attempt(user):
    return user.kubectl("exec", "dev", "-c", "cvm-supervisor", "--", "sh")
