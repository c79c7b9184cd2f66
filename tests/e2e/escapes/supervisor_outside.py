"""A whole CVM, brought into a namespace that takes no part, without the RuntimeClass's name."""

POLICY = "outside-namespaces"
RULES = ()


def _without_class(pod, supervisor):
    for field in ("runtimeClassName", "overhead", "nodeSelector"):
        pod["spec"].pop(field, None)


def attempt(user):
    return user.create(user.restored(_without_class), user.outside)
