"""The namespace's label taken away through its status, where labels can be changed as well.

A developer has no rights on namespaces, so an administrator does it here, by mistake.
"""

RULES = ("namespace-label",)


def attempt(user):
    return user.kubectl_as_admin(
        "patch", "namespace", user.namespace, "--subresource=status", "--dry-run=server", "--patch",
        '{"metadata": {"labels": {"cvm-webhook.io/workspaces": null}}}')
