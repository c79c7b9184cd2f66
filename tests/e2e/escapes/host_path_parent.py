"""A hostPath to a directory above the supervisor's, mounted by the workspace by a sub-path."""

from harness.pods import workspace

RULES = ("pod-security-host-path-volumes",)


def attempt(user):
    return user.create(workspace(
        volumes=[{"name": "usr", "hostPath": {"path": "/usr"}}],
        container={"volumeMounts": [{"name": "usr", "mountPath": "/src", "subPath": "src"}]}))
