"""envFrom on the supervisor: whatever the user writes into a ConfigMap is in its environment."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge_supervisor(envFrom=[{"configMapRef": {"name": "mine"}}])
