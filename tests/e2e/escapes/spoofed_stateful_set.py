"""A StatefulSet of privileged pods, where an administrator refuses templates and not only warns."""

from harness.developer import template_of
from harness.pods import workspace

SETTINGS = {"isolation": {"templates": "deny"}}
RULES = ("privileged-workspace", "pod-security-privileged")


def attempt(user):
    pod = workspace(container={"securityContext": {"privileged": True}})
    return user.make("apps/v1", "StatefulSet", {"serviceName": "", **template_of(pod["spec"])})
