"""kubectl apply of the CVM as it is, but for the supervisor's image."""

import yaml

RULES = ("plan-changed",)


def attempt(user):
    pod = user.restored(lambda pod, supervisor: supervisor.update(image="evil:1"))
    pod["metadata"]["name"] = "dev"
    return user.kubectl("apply", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump(pod))
