"""A whole CVM whose supervisor has a postStart hook: the kubelet runs it in the privileged part."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge_supervisor(
        lifecycle={"postStart": {"exec": {"command": ["nsenter", "-t", "1", "-m", "sh"]}}})
