"""An init container with the supervisor's name, where the supervisor itself is one.

It would take the supervisor's place and run code of the user's choice with its privileges.
"""

from harness.escapes import OWN_SUPERVISOR
from harness.pods import workspace

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.create(workspace(initContainers=[
        {"name": "cvm-supervisor", "image": "mine:1", "restartPolicy": "Always",
         "securityContext": {"privileged": True}}]))
