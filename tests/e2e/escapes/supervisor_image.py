"""A whole CVM as cvm-webhook makes it, but for the supervisor's image, which is the user's."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge_supervisor(image="registry.example.com/evil:1")
