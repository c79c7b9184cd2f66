"""A plain GET of the exec subresource, as browsers open WebSockets, and no POST as kubectl makes."""

from harness.developer import NOT_RUNNING

RULES = ("supervisor-access",)
NOT_OURS = NOT_RUNNING


def attempt(user):
    return user.call("GET", "pods/dev/exec?container=cvm-supervisor&command=sh&stdout=true")
