"""The workspaces that the tests make, as developers would write them."""

from .standins import WORKSPACE

# Says what it sees, and ends by itself when it is told to.
PROGRAM = ("trap 'echo ended; exit 0' TERM; echo uid $(id -u); "
           "echo map $(head -n 1 /proc/self/uid_map); "
           "touch /home/coder/mine && echo home $(stat -c %u:%g:%a /home/coder); "
           "[ ! -e /var/run/secrets/kubernetes.io/serviceaccount/token ] || echo token; "
           "echo up; while :; do sleep 1 & wait $!; done")
RESOURCES = {"requests": {"cpu": "10m", "memory": "16Mi"}}


def workspace(command: str = PROGRAM, *, image: str = WORKSPACE, container: dict | None = None,
              **spec) -> dict:
    """A pod with a home; `container` and `spec` are merged into it."""
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "dev"},
        "spec": {
            "containers": [{
                "name": "dev", "image": image, "command": ["sh", "-c", command], "resources": RESOURCES,
                "volumeMounts": [{"name": "home", "mountPath": "/home/coder"}], **(container or {})}],
            "volumes": [{"name": "home", "emptyDir": {}}],
            **spec,
        },
    }


def of_coder(command: str = PROGRAM, **more) -> dict:
    """The same as a user that is not root, as workspaces of Coder are."""
    return workspace(command, securityContext={"runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000}, **more)


def limited(cpu: str, memory: str) -> dict:
    return workspace(container={"resources": {**RESOURCES, "limits": {"cpu": cpu, "memory": memory}}})


def job(command: str) -> dict:
    template = workspace(command)["spec"]
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "work"}, "spec": {
        "backoffLimit": 0, "template": {"spec": {**template, "restartPolicy": "Never"}}}}
