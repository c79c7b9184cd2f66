"""A path for the supervisor's last words: the kubelet mounts a file there, over what the image has."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge_supervisor(terminationMessagePath="/etc/ld.so.preload")
