"""A SYSBOX_* variable for the supervisor, which runs Sysbox: some of them weaken the isolation."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge(lambda pod, supervisor: supervisor["env"].append(
        {"name": "SYSBOX_ALLOW_TRUSTED_XATTR", "value": "TRUE"}))
