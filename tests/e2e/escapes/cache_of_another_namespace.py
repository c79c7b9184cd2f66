"""A cached CVM forged to say that it is of another namespace, whose workspaces' images it would get.

The node keeps each workspace's images in a directory that is named by its namespace and its name.
"""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR
SETTINGS = {"caching": True}


def attempt(user):
    return user.forge_cached(lambda pod, supervisor: user.set_variable(
        supervisor, "CODER_CVM_NAMESPACE", "kube-system"))
