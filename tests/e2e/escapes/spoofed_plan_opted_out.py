"""A whole CVM, plan and all, in a pod that opted out, with the node's directories writable.

The plan's annotation says that cvm-webhook made it; the label keeps it from being compared with one.
"""

from harness.developer import OPTED_OUT

RULES = ("reserved-name", "pod-security-privileged", "pod-security-host-path-volumes")


def _opted_out_and_writable(pod, supervisor):
    pod["metadata"]["labels"] = OPTED_OUT
    for mount in supervisor["volumeMounts"]:
        mount["readOnly"] = False


def attempt(user):
    return user.forge(_opted_out_and_writable)
