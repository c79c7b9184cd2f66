"""Opting out by the labels of a Binding, which the API server copies to the pod that is bound."""

from harness.developer import OPTED_OUT

RULES = ("cvm-opt-out",)


def attempt(user):
    pod = user.new_cvm()
    answer = user.bind(pod, "cvm-1", dry_run=False, labels=OPTED_OUT)
    return user.look_for(answer, pod, {"metadata": {"labels": OPTED_OUT}})
