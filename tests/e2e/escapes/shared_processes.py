"""One process namespace for the pod: the supervisor's root is reached through /proc."""

from harness.pods import workspace

RULES = ("shared-process-namespace",)


def attempt(user):
    return user.create(workspace(shareProcessNamespace=True))
