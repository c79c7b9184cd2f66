"""A volume of the user's mounted over the supervisor's programs, to be run with its privileges."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def _mounted(pod, supervisor):
    pod["spec"]["volumes"].append({"name": "mine", "emptyDir": {}})
    supervisor["volumeMounts"].append({"name": "mine", "mountPath": "/usr/local/bin"})


def attempt(user):
    return user.forge(_mounted)
