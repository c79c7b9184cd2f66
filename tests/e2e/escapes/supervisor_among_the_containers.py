"""The real supervisor, moved before the workspace: kubectl exec enters the first container."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def _moved(pod, supervisor):
    pod["spec"]["initContainers"] = []
    del supervisor["restartPolicy"]
    pod["spec"]["containers"].insert(0, supervisor)


def attempt(user):
    return user.forge(_moved)
