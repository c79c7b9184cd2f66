"""A mount among the secrets, as webhooks of clouds add them, whose path leads out of them."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def _mounted(pod, supervisor):
    pod["spec"]["volumes"].append({"name": "mine", "secret": {"secretName": "mine"}})
    supervisor["volumeMounts"].append(
        {"name": "mine", "mountPath": "/var/run/secrets/../../../usr/local/bin", "readOnly": True})


def attempt(user):
    return user.forge(_mounted)
