"""One more volume under a reserved name, which a later version of the plan may use."""

from harness.pods import workspace

RULES = ("reserved-name",)


def attempt(user):
    return user.create(workspace(volumes=[{"name": "cvm-home", "emptyDir": {}}]))
