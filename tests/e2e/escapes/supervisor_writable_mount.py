"""A whole CVM whose supervisor has the node's kernel modules writable, against the table."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge(lambda pod, supervisor: next(
        mount for mount in supervisor["volumeMounts"]
        if mount["name"] == "cvm-lib-modules").pop("readOnly"))
