"""A claim whose PersistentVolume is the node's /var/lib: no hostPath is in the pod itself."""

from harness.pods import workspace

RULES = ("host-volume",)


def attempt(user):
    return user.create(workspace(
        volumes=[{"name": "home", "persistentVolumeClaim": {"claimName": "var-lib"}}]))
