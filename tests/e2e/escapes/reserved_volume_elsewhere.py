"""The supervisor's volume, brought along by the user: by its name, the root of the node."""

RULES = ("reserved-name", "plan-incomplete", "pod-security-host-path-volumes")


def attempt(user):
    return user.forge(lambda pod, supervisor: next(
        volume for volume in pod["spec"]["volumes"] if volume["name"] == "cvm-usr-src").update(
            hostPath={"path": "/", "type": ""}))
