"""The plan's annotation taken away along with a resize of the workspace, if that writes metadata.

It does not: the API server keeps the annotation, so nothing is to be refused but the supervisor's.
"""

RULES = ("plan-changed",)


def attempt(user):
    return user.patch("dev/resize", {"spec": {"initContainers": [
        {"name": "cvm-supervisor", "resources": {"requests": {"cpu": "50m"}}}]}})
