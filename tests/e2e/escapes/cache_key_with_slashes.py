"""A cache key with slashes, forged into the supervisor too: it would lead to another namespace's."""

from harness.escapes import OWN_SUPERVISOR

RULES = (*OWN_SUPERVISOR, "workspace-cache")
SETTINGS = {"caching": True}


def _keyed(pod, supervisor, user):
    key = "../kube-system/dev"
    pod["metadata"]["annotations"]["cvm-webhook.io/cache-key"] = key
    user.set_variable(supervisor, "CODER_CVM_WORKSPACE", key)


def attempt(user):
    return user.forge_cached(lambda pod, supervisor: _keyed(pod, supervisor, user))
