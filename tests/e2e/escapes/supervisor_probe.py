"""A whole CVM whose supervisor has a startup probe: a command that the kubelet runs in it."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge_supervisor(startupProbe={"exec": {"command": ["sh", "-c", "id"]}})
