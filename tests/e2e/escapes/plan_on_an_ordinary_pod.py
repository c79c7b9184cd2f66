"""The plan's annotation put on a pod that opted out: it would count as a CVM that was judged."""

RULES = ("reserved-name",)


def attempt(user):
    return user.patch("plain", {"metadata": {
        "annotations": {"cvm-webhook.io/plan": "v1:0123456789abcdef"}}})
