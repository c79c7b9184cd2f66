"""The supervisor's volume, led up and away from its directory by `..`.

When we let it through, the API server itself refuses such a path.
"""

from harness.pods import workspace

RULES = ("reserved-name", "plan-incomplete")
NOT_OURS = "spec.volumes[0].hostPath.path: Invalid value: \"/usr/src/../..\": must not contain '..'"


def attempt(user):
    return user.create(workspace(
        volumes=[{"name": "cvm-usr-src", "hostPath": {"path": "/usr/src/../.."}}]))
