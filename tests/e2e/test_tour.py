"""The tour of README.md, run as it is written: each line, and what README says of it."""

import os
import re
import subprocess

import pytest
from conftest import ROOT
from harness.processes import wait_for

MARK = "cvm-webhook.io/cvm"


def _tour() -> tuple[list[str], str]:
    """The lines of the block after <!-- tour -->, and the refusal that the next block shows."""
    readme = (ROOT / "README.md").read_text()
    found = re.search(r"<!-- tour -->\n```bash\n(.*?)```\n.*?```text\n(.*?)```", readme, re.DOTALL)
    assert found, "README.md has no tour"
    return found[1].splitlines(), found[2]


@pytest.fixture
def marking(cluster, kubectl):
    """An instance that marks nodes, as the shipped settings have it, alone behind the Service."""
    before = {item["metadata"]["name"]: item["metadata"]["labels"].get(MARK)
              for item in kubectl.get("nodes")["items"]}
    instance = cluster.webhooks.start({"nodes": {"mark": True}})
    cluster.balancer.route_to(instance)
    yield instance
    instance.stop()
    for name, mark in before.items():
        kubectl("label", "node", name, f"{MARK}-" if mark is None else f"{MARK}={mark}",
                "--overwrite")


def test_the_readmes_tour_goes_as_it_says(kubectl, marking):
    lines, refusal = _tour()
    assert len(lines) == 7
    wait_for("the marks", lambda: all(
        MARK in item["metadata"]["labels"] for item in kubectl.get("nodes")["items"]))
    environment = {**os.environ, **kubectl.env}

    def run(line: str) -> subprocess.CompletedProcess:
        return subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=ROOT, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    done = {number: run(line) for number, line in enumerate(lines, start=1)}
    refused = done.pop(6)
    for number, result in done.items():
        assert result.returncode == 0, f"line {number}: {lines[number - 1]}\n{result.stderr}"
    shown = {line.split()[0]: line.split()[-1] for line in done[3].stdout.splitlines()}
    assert shown["NAME"] == "CVM"
    assert shown["cvm-1"] == "true"
    assert shown["selinux-1"] == "false"
    assert done[4].stdout == "pod/alice created\n"
    assert done[5].stdout == "cvm cvm-supervisor\n"
    assert refused.returncode == 1
    assert refused.stderr == refusal
