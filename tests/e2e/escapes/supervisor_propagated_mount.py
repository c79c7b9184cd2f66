"""Bidirectional propagation on the supervisor's mount: what is mounted there appears on the node."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge(lambda pod, supervisor: supervisor["volumeMounts"][0].update(
        mountPropagation="Bidirectional"))
