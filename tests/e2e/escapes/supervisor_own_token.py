"""A service account token for an audience of the user's choice, where the supervisor reads it.

The supervisor would speak to others as the pod's account, at places that the user names.
"""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def _mounted(pod, supervisor):
    pod["spec"]["volumes"].append({"name": "token", "projected": {"sources": [
        {"serviceAccountToken": {"path": "token", "audience": "vault"}}]}})
    supervisor["volumeMounts"].append(
        {"name": "token", "mountPath": "/root/.coder", "readOnly": True})


def attempt(user):
    return user.forge(_mounted)
