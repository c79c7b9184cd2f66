"""The annotation that names the workspace names the supervisor, so that it counts as the user's."""

from harness.pods import workspace

RULES = ("workspace-container",)


def attempt(user):
    return user.create(workspace(
        annotations={"cvm-webhook.io/workspace-container": "cvm-supervisor"}))
