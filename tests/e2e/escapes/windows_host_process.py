"""A host process of Windows in a pod that opted out: as good as privileged there, by another field."""

from harness.developer import OPTED_OUT
from harness.pods import workspace

RULES = ("pod-security-windows-host-process", "pod-security-host-namespaces")


def attempt(user):
    return user.create(workspace(
        labels=OPTED_OUT, os={"name": "windows"}, hostNetwork=True,
        securityContext={"windowsOptions": {"hostProcess": True,
                                            "runAsUserName": "NT AUTHORITY\\SYSTEM"}}))
