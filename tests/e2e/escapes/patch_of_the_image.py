"""A JSON patch that changes the supervisor's image by its place in the list, not by its name."""

from harness.developer import JSON

RULES = ("plan-changed",)


def attempt(user):
    return user.patch("dev", [
        {"op": "replace", "path": "/spec/initContainers/0/image", "value": "evil:1"}], JSON)
