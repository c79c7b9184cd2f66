"""kubectl run --privileged: an ordinary workspace, but for its rights on the node."""

RULES = ("privileged-workspace", "pod-security-privileged")


def attempt(user):
    return user.kubectl("run", user.new_name(), "--image=busybox", "--privileged",
                        "--dry-run=server")
