"""A claim whose PersistentVolume is a local disk's directory /usr/, above the supervisor's."""

from harness.pods import workspace

RULES = ("host-volume",)


def attempt(user):
    return user.create(workspace(
        volumes=[{"name": "home", "persistentVolumeClaim": {"claimName": "usr"}}]))
