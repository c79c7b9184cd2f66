"""procMount Unmasked, with the user namespace of the pod's that the API server wants for it.

In it, settings of the kernel that runtimes keep out of sight could be written.
"""

from harness.pods import workspace

RULES = ("host-namespaces",)


def attempt(user):
    return user.create(workspace(hostUsers=False, container={
        "securityContext": {"procMount": "Unmasked"}}))
