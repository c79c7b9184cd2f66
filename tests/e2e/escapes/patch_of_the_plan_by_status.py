"""The plan's annotation taken away through the status subresource, which writes metadata too."""

from harness.developer import MERGE

RULES = ("plan-changed",)


def attempt(user):
    return user.patch("dev/status",
                      {"metadata": {"annotations": {"cvm-webhook.io/plan": None}}}, MERGE)
