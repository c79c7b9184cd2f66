"""A Deployment whose template has a supervisor of the user's: its pods are not made by the user.

The Deployment itself is warned about and its pods are refused.
"""

from harness.escapes import OWN_SUPERVISOR
from harness.pods import workspace

RULES = OWN_SUPERVISOR


def attempt(user):
    pod = workspace(initContainers=[{"name": "cvm-supervisor", "image": "mine:1"}],
                    schedulerName="nobody")
    answer = user.deploy(pod["spec"])
    assert answer.ok or "Warning: cvm/reserved-name: " in answer.text, answer.text
    return answer
