"""A Deployment whose template has a supervisor of the user's: its pods are not made by the user.

The Deployment itself is only warned about; its pods never come to be.
"""

from harness.pods import workspace

RULES = ("reserved-name", "plan-incomplete")
TOLD = "Warning: cvm/reserved-name: .*denied the request: cvm/reserved-name: "


def attempt(user):
    pod = workspace(initContainers=[{"name": "cvm-supervisor", "image": "mine:1"}],
                    schedulerName="nobody")
    return user.deploy(pod["spec"])
