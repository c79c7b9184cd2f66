"""The user binds the CVM, as a scheduler does, to a node that cannot host it."""

RULES = ("node-selinux",)


def attempt(user):
    return user.bind(user.new_cvm(), "selinux-1")
