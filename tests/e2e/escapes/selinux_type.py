"""An SELinux type for the pod, and so for the supervisor, that nothing on the node confines."""

from harness.pods import workspace

RULES = ("pod-security-selinux",)


def attempt(user):
    return user.create(workspace(securityContext={"seLinuxOptions": {"type": "spc_t"}}))
