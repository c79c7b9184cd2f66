"""A server-side apply that takes the field of the supervisor's image over from its owner."""

RULES = ("plan-changed",)


def attempt(user):
    return user.kubectl("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-",
                        stdin={"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "dev"},
                               "spec": {"initContainers": [
                                   {"name": "cvm-supervisor", "image": "evil:1"}]}})
