"""kubectl attach to the supervisor's first process, with standard input."""

from harness.developer import NOT_RUNNING

RULES = ("supervisor-access",)
NOT_OURS = NOT_RUNNING


def attempt(user):
    return user.kubectl("attach", user.running_cvm(), "-c", "cvm-supervisor", "-i")
