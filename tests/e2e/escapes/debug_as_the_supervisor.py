"""An ephemeral container with the supervisor's name, in a pod without one: rules may pass it over."""

RULES = ("reserved-name",)


def attempt(user):
    return user.debug("plain", name="cvm-supervisor")
