"""`cvm-webhook test --watch`: what a developer of policies sees while files change."""

import json
import os
import select
import signal
import subprocess
import time

import yaml

SUITE = """
kind: CvmPolicyTest
apiVersion: cvm-webhook.io/v1alpha1
name: watched
cases:
  - name: a workspace
    podFile: pod.yaml
    expect: {allowed: %s}
"""


def write(file, text):
    """At once, as editors do: never half of it is seen."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


class Watching:
    """A run of --watch, and what it has printed on both outputs."""

    def __init__(self, program, suite):
        self.process = subprocess.Popen([program.path, "test", suite, "--watch"],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.told = ""

    def wait_for(self, text: str) -> str:
        """What came up to `text`; later calls look behind it."""
        deadline = time.monotonic() + 30
        while text not in self.told:
            assert time.monotonic() < deadline, f"{text!r} did not come: {self.told}"
            if select.select([self.process.stdout], [], [], 1)[0]:
                piece = os.read(self.process.stdout.fileno(), 65536).decode()
                assert piece, f"it ended: {self.told}"
                self.told += piece
        before, _, self.told = self.told.partition(text)
        return before

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)
        return self.process.returncode


def test_a_changed_file_is_judged_again(program, tmp_path, root):
    suite, pod = tmp_path / "suite.yaml", tmp_path / "pod.yaml"
    workspace = (root / "examples/workspace.yaml").read_text()
    write(pod, workspace)
    write(suite, SUITE % "true")
    watching = Watching(program, suite)
    try:
        assert "1 passed" in watching.wait_for("watching")
        write(suite, SUITE % "false")
        assert f"changed: {suite}" in watching.wait_for("watching")
        write(suite, "cases: [")
        assert f"{suite}:1:" in watching.wait_for("watching")
        write(suite, SUITE % "true")
        assert "1 passed" in watching.wait_for("watching")
        # A file that the suite reads.
        refused = yaml.safe_load(workspace)
        refused["spec"]["containers"][0]["securityContext"] = {"privileged": True}
        write(pod, json.dumps(refused))
        assert "1 failed" in watching.wait_for("watching")
        write(pod, workspace)
        assert "1 passed" in watching.wait_for("watching")
        assert watching.end() == 0
    finally:
        watching.process.kill()
        watching.process.wait()
