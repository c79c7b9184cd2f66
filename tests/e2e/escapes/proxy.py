"""The API server's proxy to the pod, where an administrator forbids it: its ports are the supervisor's."""

from harness.developer import NO_ADDRESS

SETTINGS = {"rules": {"pod-proxy": "deny"}}
RULES = ("pod-proxy",)
NOT_OURS = NO_ADDRESS


def attempt(user):
    return user.kubectl("get", "--raw",
                        f"/api/v1/namespaces/{user.namespace}/pods/dev/proxy/version")
