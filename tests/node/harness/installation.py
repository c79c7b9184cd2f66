"""cvm-webhook installed as manifests/README.md says: manifests/base by kubectl, with a settings file."""

import json
import pathlib
import shutil
import subprocess

import yaml

from . import manifests
from .standins import WEBHOOK

NAMESPACE = "cvm-system"
# All pods of the tests run at once, on what may be a node of two cores.
_SMALL_OVERHEAD = {"target": {"kind": "RuntimeClass", "name": "cvm"}, "patch": json.dumps(
    [{"op": "replace", "path": "/overhead/podFixed", "value": {"cpu": "10m", "memory": "16Mi"}}])}


def install(kubectl, binary: pathlib.Path, directory: pathlib.Path, settings: dict):
    """Applies everything, and waits until the Deployment is available and is called."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    subprocess.run([binary, "certs", "issue", "--dir", directory / "tls", "--service", "cvm-webhook",
                    "--namespace", NAMESPACE], check=True, capture_output=True)
    base, configurations = [], []
    for item in manifests.build(kubectl, _overlay(directory, settings)):
        (configurations if item["kind"] in manifests.CONFIGURATIONS else base).append(item)
    kubectl("apply", "-f", "-", stdin=base)
    kubectl("create", "secret", "tls", "cvm-webhook-tls", "-n", NAMESPACE,
            "--cert", directory / "tls/tls.crt", "--key", directory / "tls/tls.key")
    available(kubectl)
    kubectl("apply", "-f", "-", stdin=configurations)
    manifests.set_ca_bundle(kubectl, (directory / "tls/ca.crt").read_text())


def available(kubectl):
    outcome = kubectl.try_run("rollout", "status", "deployment/cvm-webhook", "-n", NAMESPACE, "--timeout=60s", timeout=70)
    if not outcome.ok:
        pods = kubectl("describe", "pods", "-n", NAMESPACE)
        logs = kubectl.try_run("logs", "-n", NAMESPACE, "deployment/cvm-webhook", "--tail=20").stdout
        raise AssertionError(f"the Deployment is not available: {outcome.stderr}\n{pods}\n{logs}")


def _overlay(directory: pathlib.Path, settings: dict) -> pathlib.Path:
    """An overlay as an administrator writes it: the image, the settings, and what the policies must know of them."""
    overlay = directory / "overlay"
    overlay.mkdir()
    (overlay / "base").symlink_to(manifests.BASE)
    (overlay / "settings.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    name, _, tag = WEBHOOK.rpartition(":")
    (overlay / "kustomization.yaml").write_text(yaml.safe_dump({
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": ["base"],
        "images": [{"name": "cvm-webhook", "newName": name, "newTag": tag}],
        "configMapGenerator": [{"name": "cvm-webhook-settings", "namespace": NAMESPACE, "behavior": "replace",
                                "files": ["settings.yaml"], "options": {"disableNameSuffixHash": True}}],
        "patches": [_SMALL_OVERHEAD, {"target": {"kind": "ConfigMap", "name": "cvm-webhook-policy"},
                     "patch": json.dumps({"apiVersion": "v1", "kind": "ConfigMap",
                                          "metadata": {"name": "cvm-webhook-policy", "namespace": NAMESPACE},
                                          "data": _policy_parameters(settings)})}],
    }))
    return overlay


def _policy_parameters(settings: dict) -> dict[str, str]:
    """What the admission policies must be told of these settings and their profiles."""
    every = [settings, *(profile["settings"] for profile in settings.get("profiles", []))]
    supervisors = [item.get("supervisor", {}) for item in every]
    images = [manifests_image(), *(item["image"] for item in supervisors if "image" in item)]
    placements = {item.get("placement") for item in supervisors}
    return {"supervisorImages": "\n".join(dict.fromkeys(images)) + "\n",
            "placement": "wrap" if "wrap" in placements else "sidecar"}


def manifests_image() -> str:
    shipped = yaml.safe_load((manifests.BASE / "settings.yaml").read_text())
    return shipped["supervisor"]["image"]
