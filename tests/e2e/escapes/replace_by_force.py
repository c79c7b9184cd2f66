"""kubectl replace --force: deletes the CVM and makes it anew, with a supervisor of the user's."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    pod = user.restored(lambda pod, supervisor: supervisor.update(image="evil:1"))
    pod["metadata"]["name"] = user.new_cvm()
    return user.kubectl("replace", "--force", "-f", "-", stdin=pod)
