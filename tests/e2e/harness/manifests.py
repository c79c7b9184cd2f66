"""manifests/base as kubectl builds it, and what the tests must change to apply it here."""

import base64
import json
import pathlib

import yaml

from .kubectl import Kubectl

BASE = pathlib.Path(__file__).resolve().parents[3] / "manifests" / "base"
CONFIGURATIONS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")


def build(kubectl: Kubectl, directory: pathlib.Path = BASE) -> list[dict]:
    return list(yaml.safe_load_all(kubectl("kustomize", directory)))


def one(objects: list[dict], kind: str, name: str | None = None) -> dict:
    """The only object of its kind, or of its kind and name."""
    found = [item for item in objects
             if item["kind"] == kind and name in (None, item["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} objects of kind {kind}"
    return found[0]


def shipped_settings(objects: list[dict]) -> dict:
    settings = one(objects, "ConfigMap", "cvm-webhook-settings")
    return yaml.safe_load(settings["data"]["settings.yaml"])


def reachable(objects: list[dict], port: int, ca: str) -> list[dict]:
    """The same objects, with the clientConfig of each webhook pointing to loopback.

    Nothing else is changed: what ships is what is tested.
    """
    for item in objects:
        if item["kind"] not in CONFIGURATIONS:
            continue
        for webhook in item["webhooks"]:
            path = webhook["clientConfig"]["service"]["path"]
            webhook["clientConfig"] = {
                "url": f"https://127.0.0.1:{port}{path}",
                "caBundle": base64.b64encode(ca.encode()).decode(),
            }
    return objects


def set_ca_bundle(kubectl: Kubectl, ca: str):
    """Changes caBundle in every webhook of both configurations, as an administrator does."""
    bundle = base64.b64encode(ca.encode()).decode()
    change_webhooks(kubectl, lambda webhook: {"clientConfig": {"caBundle": bundle}})


def change_webhooks(kubectl: Kubectl, change):
    """Merges change(webhook) into each webhook of both configurations."""
    for kind in CONFIGURATIONS:
        webhooks = kubectl.get(kind, "cvm-webhook")["webhooks"]
        # A strategic merge patch: entries of this list are found by their names.
        patch = {"webhooks": [{"name": webhook["name"], **change(webhook)} for webhook in webhooks]}
        kubectl("patch", kind, "cvm-webhook", "--patch", json.dumps(patch))
