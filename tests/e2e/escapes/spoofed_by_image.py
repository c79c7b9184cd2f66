"""A privileged container under a name of its own that runs the supervisor's image.

Who told supervisors by their image would take it for one, and its command is the user's.
"""

from harness.pods import workspace

RULES = ("privileged-workspace", "pod-security-privileged")


def attempt(user):
    return user.create(workspace(initContainers=[
        {"name": "helper", "image": "ghcr.io/coder/envbox:latest", "command": ["sh"],
         "restartPolicy": "Always", "securityContext": {"privileged": True}}]))
