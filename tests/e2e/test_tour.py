"""The tour of README.md, run as it is written: each line, and what README says of it."""

import os
import re
import subprocess

from conftest import ROOT


def _tour() -> tuple[list[str], str]:
    """The lines of the block after <!-- tour -->, and the refusal that the next block shows."""
    readme = (ROOT / "README.md").read_text()
    found = re.search(r"<!-- tour -->\n```bash\n(.*?)```\n.*?```text\n(.*?)```", readme, re.DOTALL)
    assert found, "README.md has no tour"
    return found[1].splitlines(), found[2]


def test_the_readmes_tour_goes_as_it_says(cluster, kubectl, webhook):
    lines, refusal = _tour()
    assert len(lines) == 7
    kubectl("label", "node", "cvm-1", "cvm-webhook.io/cvm-")  # the tour labels it
    environment = {**os.environ, **kubectl.env}

    def run(line: str) -> subprocess.CompletedProcess:
        return subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=ROOT, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    done = {number: run(line) for number, line in enumerate(lines, start=1)}
    refused = done.pop(6)
    for number, result in done.items():
        assert result.returncode == 0, f"line {number}: {lines[number - 1]}\n{result.stderr}"
    assert done[3].stdout == "node/cvm-1 labeled\n"
    assert done[4].stdout == "pod/alice created\n"
    assert done[5].stdout == "cvm cvm-supervisor\n"
    assert refused.returncode == 1
    assert refused.stderr == refusal
