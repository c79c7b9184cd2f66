"""No AppArmor profile for the workspace, by the annotation that the API server still understands."""

from harness.pods import workspace

RULES = ("pod-security-app-armor",)


def attempt(user):
    return user.create(workspace(annotations={
        "container.apparmor.security.beta.kubernetes.io/dev": "unconfined"}))
