"""The tour of README.md, run as it is written."""

import os
import pathlib
import re
import subprocess

import pytest
from conftest import ROOT
from harness.pods import supervisor_of


def tour() -> list[str]:
    """The lines of the fenced block after the comment <!-- tour -->."""
    readme = (ROOT / "README.md").read_text()
    blocks = re.findall(r"<!-- tour -->\s*```(?:bash|sh|console)?\n(.*?)```", readme, re.DOTALL)
    assert len(blocks) == 1, f"README.md has {len(blocks)} tours"
    return [line for line in blocks[0].splitlines() if line.strip()]


@pytest.fixture
def shell(cluster, webhook):
    """Runs a line as someone in the repository would, with kubectl and the cluster at hand."""
    kubectl = cluster.kubectl
    environment = {**os.environ, **kubectl.env,
                   "PATH": f"{cluster.binary.parent}:{kubectl.env['PATH']}"}

    def run(line: str) -> subprocess.CompletedProcess:
        return subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=pathlib.Path(ROOT),
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60)

    return run
