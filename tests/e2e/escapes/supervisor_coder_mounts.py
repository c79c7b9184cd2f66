"""CODER_MOUNTS in the supervisor's environment: it would hand the node's directories on."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge(lambda pod, supervisor: supervisor["env"].append(
        {"name": "CODER_MOUNTS", "value": "/lib/modules:/node"}))
