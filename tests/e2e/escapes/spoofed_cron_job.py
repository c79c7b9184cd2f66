"""A CronJob, two templates deep, whose pods would mount the supervisor's volume."""

from harness.developer import template_of
from harness.pods import workspace

SETTINGS = {"isolation": {"templates": "deny"}}
RULES = ("reserved-name",)


def attempt(user):
    pod = workspace(restartPolicy="Never", container={
        "volumeMounts": [{"name": "cvm-usr-src", "mountPath": "/src"}]})
    job = {"template": template_of(pod["spec"])["template"]}
    return user.make("batch/v1", "CronJob", {"schedule": "* * * * *", "jobTemplate": {"spec": job}})
