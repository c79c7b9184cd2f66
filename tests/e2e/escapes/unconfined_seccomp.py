"""No seccomp profile for all containers of the pod, by its own security context."""

from harness.pods import workspace

RULES = ("pod-security-seccomp-baseline",)


def attempt(user):
    return user.create(workspace(securityContext={"seccompProfile": {"type": "Unconfined"}}))
