"""kubectl patch --subresource=resize: the supervisor gets more of the node than the settings say."""

RULES = ("plan-changed",)


def attempt(user):
    return user.kubectl("patch", "pod", "dev", "--subresource=resize", "--dry-run=server", "--patch",
                        '{"spec": {"initContainers": [{"name": "cvm-supervisor", '
                        '"resources": {"requests": {"cpu": "64"}}}]}}')
