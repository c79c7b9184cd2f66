"""kubectl debug --profile=sysadmin: a privileged ephemeral container next to the supervisor."""

RULES = ("privileged-workspace", "pod-security-privileged")


def attempt(user):
    return user.kubectl("debug", user.new_cvm(), "--image=busybox", "--profile=sysadmin")
