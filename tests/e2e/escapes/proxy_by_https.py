"""The proxy by HTTPS: scheme and port are then on both sides of the pod's name."""

from harness.developer import NO_ADDRESS

SETTINGS = {"rules": {"pod-proxy": "deny"}}
RULES = ("pod-proxy",)
NOT_OURS = NO_ADDRESS


def attempt(user):
    return user.call("POST", "pods/https:dev:2376/proxy/containers/create")
