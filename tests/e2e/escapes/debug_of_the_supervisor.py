"""kubectl debug --target: a container of the user's in the supervisor's process namespace."""

RULES = ("reserved-name",)


def attempt(user):
    return user.kubectl("debug", user.new_cvm(), "--image=busybox", "--target=cvm-supervisor",
                        "--profile=baseline")
