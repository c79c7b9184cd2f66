"""A CVM without what hides the service account's token from its supervisor.

The API server would mount the token there, and a privileged program would hold it.
"""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def _unhidden(pod, supervisor):
    supervisor["volumeMounts"] = [mount for mount in supervisor["volumeMounts"]
                                  if mount["name"] != "cvm-no-token"]


def attempt(user):
    return user.forge(_unhidden)
