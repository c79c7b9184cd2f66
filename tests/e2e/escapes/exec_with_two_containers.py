"""An exec whose query names the supervisor and then the workspace: one is judged, one is entered."""

from harness.developer import NOT_RUNNING

RULES = ("supervisor-access",)
NOT_OURS = NOT_RUNNING


def attempt(user):
    return user.call("POST", "pods/dev/exec?container=cvm-supervisor&container=dev&command=sh"
                             "&stdout=true")
