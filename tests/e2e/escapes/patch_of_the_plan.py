"""A JSON patch that takes the plan's annotation away, by which a pod is known to be a CVM."""

from harness.developer import JSON

RULES = ("plan-changed",)


def attempt(user):
    return user.patch("dev", [
        {"op": "remove", "path": "/metadata/annotations/cvm-webhook.io~1plan"}], JSON)
