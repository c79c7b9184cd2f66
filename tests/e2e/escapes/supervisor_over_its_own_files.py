"""A cached CVM whose supervisor has the node's /var/lib at the place of its own.

It deletes /var/lib/sysbox when it starts: the node's own, and so every CVM of a Sysbox there.
"""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR
SETTINGS = {"caching": True}


def _in_place(pod, supervisor):
    mount = next(item for item in supervisor["volumeMounts"]
                 if item["mountPath"] == "/host/var/lib")
    mount["mountPath"] = "/var/lib"


def attempt(user):
    return user.forge_cached(_in_place)
