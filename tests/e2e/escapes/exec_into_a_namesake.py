"""An exec at once after an ordinary pod gave its name to a CVM: what is known may be of the first."""

from harness.developer import NOT_RUNNING, OPTED_OUT
from harness.pods import workspace

RULES = ("supervisor-access",)
NOT_OURS = NOT_RUNNING


def attempt(user):
    name = user.new_name()
    for labels in (OPTED_OUT, {}):
        made = user.call("POST", "pods", workspace(name, labels=labels, schedulerName="nobody"))
        assert made.ok, made.text
        if labels:
            user.call("DELETE", f"pods/{name}?gracePeriodSeconds=0")
    return user.call("POST", f"pods/{name}/exec?container=cvm-supervisor&command=sh&stdout=true")
