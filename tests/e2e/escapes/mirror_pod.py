"""A pod that claims to be the mirror of a kubelet's static pod, which webhooks are wont to let by."""

from harness.pods import workspace

RULES = ("mirror-pod",)


def attempt(user):
    return user.create(workspace(
        annotations={"kubernetes.io/config.mirror": "1", "kubernetes.io/config.source": "file"},
        nodeName="cvm-1", automountServiceAccountToken=False))
