"""A pod that names the CVMs' RuntimeClass, in a namespace that takes no part: nobody plans it."""

from harness.pods import workspace

POLICY = "outside-namespaces"
RULES = ()


def attempt(user):
    return user.create(workspace(runtimeClassName="cvm"), user.outside)
