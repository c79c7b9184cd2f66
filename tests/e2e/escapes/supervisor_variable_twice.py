"""A variable of the plan given a second time, after the plan's own: the last one counts."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge(lambda pod, supervisor: supervisor["env"].append(
        {"name": "CODER_DOCKER_BRIDGE_CIDR", "value": "10.0.0.0/8"}))
