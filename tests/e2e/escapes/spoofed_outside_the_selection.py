"""A whole CVM with another supervisor, in a pod without the labels by which workspaces are selected.

To the settings it is no workspace, so it is neither planned nor compared with a plan.
"""

SETTINGS = {"workspaces": {"selector": {"matchLabels": {"com.coder.resource": "true"}}}}
RULES = ("reserved-name", "pod-security-privileged", "pod-security-host-path-volumes")


def attempt(user):
    return user.forge_supervisor(image="evil:1")
