"""kubectl label on a running CVM: it opts out, so that the rules for CVMs no longer hold."""

RULES = ("cvm-opt-out",)


def attempt(user):
    return user.kubectl("label", "pod", "dev", "cvm-webhook.io/cvm=false", "--dry-run=server")
