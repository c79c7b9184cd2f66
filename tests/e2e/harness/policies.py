"""The admission policies of manifests/base, and what scenarios change of them for a while."""

import contextlib

from . import manifests
from .kubectl import Kubectl
from .pods import workspace
from .processes import wait_for

POLICY = "ValidatingAdmissionPolicy"
BINDING = "ValidatingAdmissionPolicyBinding"
PARAMETERS = "cvm-webhook-policy"
PLAN = {"cvm-webhook.io/plan": "v1:0123456789abcdef"}


def names(kubectl: Kubectl) -> list[str]:
    return [item["metadata"]["name"] for item in manifests.build(kubectl) if item["kind"] == POLICY]


def parameters(kubectl: Kubectl) -> dict:
    return manifests.one(manifests.build(kubectl), "ConfigMap", PARAMETERS)


@contextlib.contextmanager
def without(kubectl: Kubectl, name: str):
    """The cluster without that policy's binding. The API server takes a moment to learn of it."""
    shipped = manifests.one(manifests.build(kubectl), BINDING, name)
    kubectl("delete", BINDING, name)
    try:
        yield
    finally:
        kubectl("create", "-f", "-", stdin=shipped)


@contextlib.contextmanager
def supervisor_images(kubectl: Kubectl, namespace: str, *images: str):
    """The policies' parameters with these images, as an overlay has them."""
    shipped = parameters(kubectl)

    def apply(images: list[str]):
        kubectl("apply", "-f", "-", stdin={
            **shipped, "data": {**shipped["data"], "supervisorImages": "\n".join(images)}})
        wait_for("the parameters", lambda: all(
            _is_known(kubectl, namespace, image) for image in images))

    apply(list(images))
    try:
        yield
    finally:
        apply(shipped["data"]["supervisorImages"].splitlines())


@contextlib.contextmanager
def changed_parameters(kubectl: Kubectl, **data: str):
    """The policies' parameters with these, as an overlay has them. Whoever needs them waits until the
    API server knows."""
    shipped = parameters(kubectl)
    kubectl("apply", "-f", "-", stdin={**shipped, "data": {**shipped["data"], **data}})
    try:
        yield
    finally:
        kubectl("apply", "-f", "-", stdin=shipped)


def _is_known(kubectl: Kubectl, namespace: str, image: str) -> bool:
    """Whether the policies let a pod with that supervisor through, whatever the webhook says of it."""
    pod = workspace("probe", labels={"cvm-webhook.io/cvm": "false"}, annotations=PLAN)
    pod["spec"]["containers"].append(
        {"name": "cvm-supervisor", "image": image, "command": ["/envbox", "docker"]})
    return POLICY not in kubectl.create(namespace, pod, "--dry-run=server").stderr
