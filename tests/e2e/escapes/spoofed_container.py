"""A container of one's own with the supervisor's name.

Rules pass the supervisor over, so under its name a privileged container might be let through, and
the real supervisor would not be added.
"""

from harness.escapes import OWN_SUPERVISOR
from harness.pods import workspace

RULES = OWN_SUPERVISOR


def attempt(user):
    pod = workspace()
    pod["spec"]["containers"].append(
        {"name": "cvm-supervisor", "image": "mine:1", "securityContext": {"privileged": True}})
    return user.create(pod)
