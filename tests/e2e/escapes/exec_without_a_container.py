"""kubectl exec that names no container, in a CVM whose default container is the supervisor.

The annotation that kubectl reads can be set at any time; the call then carries the name.
"""

from harness.developer import NOT_RUNNING

RULES = ("supervisor-access",)
NOT_OURS = NOT_RUNNING


def attempt(user):
    pod = user.new_cvm()
    told = user.kubectl("annotate", "pod", pod,
                        "kubectl.kubernetes.io/default-container=cvm-supervisor")
    assert told.ok, told.text
    return user.kubectl("exec", pod, "--", "sh")
