"""A variable of the plan read from an annotation (fieldRef), which can be changed at any time."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def _from_annotation(pod, supervisor):
    pod["metadata"]["annotations"]["size"] = "999"
    variable = next(item for item in supervisor["env"] if item["name"] == "CODER_CPUS")
    variable["valueFrom"] = {"fieldRef": {"apiVersion": "v1",
                                          "fieldPath": "metadata.annotations['size']"}}


def attempt(user):
    return user.forge(_from_annotation)
