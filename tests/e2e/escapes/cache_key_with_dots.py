"""The cache key "..", forged into the supervisor too: the directory of all namespaces' caches."""

from harness.escapes import OWN_SUPERVISOR

RULES = (*OWN_SUPERVISOR, "workspace-cache")
SETTINGS = {"caching": True}


def _keyed(pod, supervisor, user):
    pod["metadata"]["annotations"]["cvm-webhook.io/cache-key"] = ".."
    user.set_variable(supervisor, "CODER_CVM_WORKSPACE", "..")


def attempt(user):
    return user.forge_cached(lambda pod, supervisor: _keyed(pod, supervisor, user))
