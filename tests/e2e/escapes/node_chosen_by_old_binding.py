"""The same by the resource `bindings`, which is older than the subresource and does the same."""

RULES = ("node-kernel",)


def attempt(user):
    return user.bind(user.new_cvm(), "old-kernel-1", "bindings")
