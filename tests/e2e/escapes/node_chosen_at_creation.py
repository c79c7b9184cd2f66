"""spec.nodeName set to a node that cannot host CVMs: the scheduler and the binding are passed by."""

from harness.pods import workspace

RULES = ("node-selinux",)


def attempt(user):
    return user.create(workspace(nodeName="selinux-1"))
