"""A claim that gets the node's directory only after the pod was made, before it gets a node."""

RULES = ("host-volume",)


def attempt(user):
    claim = user.new_name()
    pod = user.new_cvm(
        volumes=[{"name": "home", "persistentVolumeClaim": {"claimName": claim}}])
    user.claim(claim, hostPath={"path": "/var/lib"})
    return user.bind_when_known(pod, "cvm-1")
