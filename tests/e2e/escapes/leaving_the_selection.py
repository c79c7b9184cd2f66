"""Without the label by which an administrator selects workspaces, a CVM would be none any more."""

from harness.developer import MERGE

SETTINGS = {"workspaces": {"selector": {"matchLabels": {"com.coder.resource": "true"}}}}
RULES = ("cvm-opt-out",)


def attempt(user):
    return user.patch("dev", {"metadata": {"labels": {"com.coder.resource": None}}}, MERGE)
