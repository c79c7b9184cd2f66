"""The API server's proxy to a port of the pod: the port is part of the name that the call carries."""

from harness.developer import NO_ADDRESS

SETTINGS = {"rules": {"pod-proxy": "deny"}}
RULES = ("pod-proxy",)
NOT_OURS = NO_ADDRESS


def attempt(user):
    return user.kubectl("get", "--raw",
                        f"/api/v1/namespaces/{user.namespace}/pods/dev:2375/proxy/version")
