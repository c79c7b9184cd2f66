"""A CronJob, two templates deep, whose pods would share the node's processes."""

from harness.developer import template_of
from harness.pods import workspace

SETTINGS = {"isolation": {"templates": "deny"}}
RULES = ("host-namespaces", "pod-security-host-namespaces")


def attempt(user):
    pod = workspace(restartPolicy="Never", hostPID=True)
    job = {"template": template_of(pod["spec"])["template"]}
    return user.make("batch/v1", "CronJob", {"schedule": "* * * * *", "jobTemplate": {"spec": job}})
