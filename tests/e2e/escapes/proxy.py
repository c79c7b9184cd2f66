"""The API server's proxy to a port of the pod, where an administrator forbids it."""

SETTINGS = {"rules": {"pod-proxy": "deny"}}
RULES = ("pod-proxy",)
NOT_OURS = "address not allowed"


def attempt(user):
    return user.kubectl("get", "--raw",
                        f"/api/v1/namespaces/{user.namespace}/pods/dev:2375/proxy/version")
