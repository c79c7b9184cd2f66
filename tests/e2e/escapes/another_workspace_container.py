"""kubectl annotate: another container is to be the workspace, once the pod was let through."""

RULES = ("plan-changed", "workspace-container")


def attempt(user):
    return user.kubectl("annotate", "pod", "dev", "--dry-run=server",
                        "cvm-webhook.io/workspace-container=cvm-supervisor")
