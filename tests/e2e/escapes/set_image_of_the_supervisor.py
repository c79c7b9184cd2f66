"""kubectl set image on the supervisor of a running CVM: the kubelet restarts it with that image."""

RULES = ("plan-changed",)


def attempt(user):
    return user.kubectl("set", "image", "pod/dev", "cvm-supervisor=evil:1", "--dry-run=server")
