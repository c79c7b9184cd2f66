"""A cached CVM forged to mount another namespace's cache: the path itself says so (subPathExpr)."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR
SETTINGS = {"caching": True}


def _elsewhere(pod, supervisor):
    mount = next(item for item in supervisor["volumeMounts"]
                 if item["mountPath"] == "/var/lib/docker")
    mount["subPathExpr"] = "cvm-cache/kube-system/$(CODER_CVM_WORKSPACE)/docker"


def attempt(user):
    return user.forge_cached(_elsewhere)
