"""An ephemeral container that mounts the supervisor's volume once the pod was let through."""

RULES = ("reserved-name",)


def attempt(user):
    return user.debug(volumeMounts=[{"name": "cvm-lib-modules", "mountPath": "/modules"}])
