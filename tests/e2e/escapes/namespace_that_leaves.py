"""kubectl label on the namespace: without the label nobody looks after the CVMs that are in it.

A developer has no rights on namespaces, so an administrator does it here, by mistake.
"""

RULES = ("namespace-label",)


def attempt(user):
    return user.kubectl_as_admin("label", "namespace", user.namespace,
                                 "cvm-webhook.io/workspaces-", "--dry-run=server")
