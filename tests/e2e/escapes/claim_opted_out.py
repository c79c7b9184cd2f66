"""The claim of the node's /var/lib in a pod that opted out: what Sysbox keeps of others is there."""

from harness.developer import OPTED_OUT
from harness.pods import workspace

RULES = ("host-volume",)


def attempt(user):
    return user.create(workspace(labels=OPTED_OUT, volumes=[
        {"name": "home", "persistentVolumeClaim": {"claimName": "var-lib"}}]))
