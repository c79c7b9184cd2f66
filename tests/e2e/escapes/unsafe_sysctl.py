"""A kernel setting for the whole pod, the supervisor's part included, that is not a safe one."""

from harness.pods import workspace

RULES = ("pod-security-sysctls",)


def attempt(user):
    return user.create(workspace(securityContext={
        "sysctls": [{"name": "net.ipv4.conf.all.route_localnet", "value": "1"}]}))
