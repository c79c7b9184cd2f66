"""A variable that clouds' webhooks may set, taken from a Secret: its value is in no pod to judge."""

from harness.escapes import OWN_SUPERVISOR

RULES = OWN_SUPERVISOR


def attempt(user):
    return user.forge(lambda pod, supervisor: supervisor["env"].append(
        {"name": "AWS_ROLE_ARN", "valueFrom": {"secretKeyRef": {"name": "mine", "key": "arn"}}}))
