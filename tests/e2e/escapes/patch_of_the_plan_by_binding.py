"""Another plan by the annotations of a Binding, which the API server copies to the pod."""

RULES = ("plan-changed",)
FORGED = {"cvm-webhook.io/plan": "v1:0123456789abcdef"}


def attempt(user):
    pod = user.new_cvm()
    answer = user.bind(pod, "cvm-1", dry_run=False, annotations=FORGED)
    return user.look_for(answer, pod, {"metadata": {"annotations": FORGED}})
