"""The installation of manifests/README.md, run as it is written."""

import base64
import os
import pathlib
import re
import subprocess

from conftest import ROOT
from harness import manifests


def _commands() -> str:
    found = re.search(r"## Install\n.*?```bash\n(.*?)```",
                      (ROOT / "manifests/README.md").read_text(), re.DOTALL)
    assert found, "manifests/README.md has no commands under Install"
    return found[1]


def _install(cluster, directory: pathlib.Path, commands: str) -> subprocess.CompletedProcess:
    """In a directory that holds what the commands name: `manifests`, and the binary in PATH."""
    (directory / "manifests").symlink_to(ROOT / "manifests")
    (directory / "bin").mkdir()
    (directory / "bin" / "cvm-webhook").symlink_to(cluster.binary)
    env = {**os.environ, **cluster.kubectl.env}
    env["PATH"] = f"{directory / 'bin'}:{env['PATH']}"
    return subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=directory, env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def _put_back(cluster):
    """What the other scenarios have: both configurations lead to loopback."""
    shipped = manifests.build(cluster.kubectl)
    for kind in manifests.CONFIGURATIONS:
        cluster.kubectl("delete", kind, "cvm-webhook")
    cluster.kubectl("delete", "secret", "cvm-webhook-tls", "-n", "cvm-system", "--ignore-not-found")
    cluster.kubectl("apply", "-f", "-", stdin=manifests.reachable(
        shipped, cluster.balancer.port, cluster.webhooks.certificates.ca))
    cluster.wait_until_called()


def test_the_commands_make_configurations_that_trust_the_serving_certificate(
        cluster, kubectl, webhook, other_namespace, tmp_path):
    commands = _commands().replace("TEAM", other_namespace)
    for kind in manifests.CONFIGURATIONS:
        kubectl("delete", kind, "cvm-webhook")  # nothing is installed yet
    try:
        done = _install(cluster, tmp_path, commands)
        assert done.returncode == 0, done.stderr
        ca = (tmp_path / "tls" / "ca.crt").read_bytes()
        for kind in manifests.CONFIGURATIONS:
            webhooks = kubectl.get(kind, "cvm-webhook")["webhooks"]
            assert len(webhooks) == (1 if kind == "MutatingWebhookConfiguration" else 4)
            for config in (webhook["clientConfig"] for webhook in webhooks):
                assert base64.b64decode(config["caBundle"]) == ca
                assert config["service"]["name"] == "cvm-webhook"
        secret = kubectl.get("secret", "cvm-webhook-tls", "-n", "cvm-system")
        assert secret["type"] == "kubernetes.io/tls"
        (tmp_path / "served.crt").write_bytes(base64.b64decode(secret["data"]["tls.crt"]))
        verified = subprocess.run(
            ["openssl", "verify", "-CAfile", tmp_path / "tls" / "ca.crt", "-verify_hostname",
             "cvm-webhook.cvm-system.svc", tmp_path / "served.crt"], capture_output=True, text=True)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        labels = kubectl.get("namespace", other_namespace)["metadata"]["labels"]
        assert labels["cvm-webhook.io/workspaces"] == "enabled"
    finally:
        _put_back(cluster)
