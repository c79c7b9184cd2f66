"""A whole CVM whose supervisor gets arguments after its command: a mount of the node's root."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge_supervisor(args=["--mounts=/:/node"])
