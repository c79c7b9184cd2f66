"""An exec into the supervisor by the service account whose token the workspace itself holds."""

from harness.developer import NOT_RUNNING

RULES = ("supervisor-access",)
NOT_OURS = NOT_RUNNING


def attempt(user):
    return user.kubectl(f"--token={user.token_of('default')}", "exec", "dev", "-c",
                        "cvm-supervisor", "--", "sh")
