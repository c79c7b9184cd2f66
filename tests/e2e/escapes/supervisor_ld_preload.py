"""LD_PRELOAD in the supervisor's environment: a library of the user's in a privileged process."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge(lambda pod, supervisor: supervisor["env"].append(
        {"name": "LD_PRELOAD", "value": "/proc/1/root/tmp/x.so"}))
