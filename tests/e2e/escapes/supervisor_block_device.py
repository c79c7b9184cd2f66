"""A claim as a block device (volumeDevices) of the supervisor: the disk, not a file system on it."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def _attached(pod, supervisor):
    pod["spec"]["volumes"].append(
        {"name": "disk", "persistentVolumeClaim": {"claimName": "home"}})
    supervisor["volumeDevices"] = [{"name": "disk", "devicePath": "/dev/sda"}]


def attempt(user):
    return user.forge(_attached)
