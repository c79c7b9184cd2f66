"""kubectl, run as a user runs it: a process with a kubeconfig, objects on standard input."""

import dataclasses
import json
import os
import pathlib
import subprocess

import yaml


@dataclasses.dataclass
class Outcome:
    code: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        return self.code == 0


class Kubectl:
    def __init__(self, binary: pathlib.Path, kubeconfig: pathlib.Path, cache: pathlib.Path):
        self.binary = binary
        self.kubeconfig = kubeconfig
        self.env = {
            "PATH": f"{binary.parent}:{os.environ['PATH']}",
            "HOME": str(cache),
            "KUBECACHEDIR": str(cache / "kubectl"),
            "KUBECONFIG": str(kubeconfig),
            "NO_PROXY": "127.0.0.1",
        }

    def try_run(self, *args, stdin=None, timeout: float = 60.0) -> Outcome:
        """Runs kubectl; `stdin` is text, or an object (or list of them) that becomes YAML."""
        if stdin is not None and not isinstance(stdin, str):
            objects = stdin if isinstance(stdin, list) else [stdin]
            stdin = yaml.safe_dump_all(objects, sort_keys=False)
        done = subprocess.run(
            [str(self.binary), *map(str, args)],
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            env=self.env,
            timeout=timeout,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def __call__(self, *args, stdin=None) -> str:
        """Like try_run, for what must succeed; returns its standard output."""
        outcome = self.try_run(*args, stdin=stdin)
        if not outcome.ok:
            raise AssertionError(
                f"kubectl {' '.join(map(str, args))} ended with {outcome.code}:\n{outcome.stderr}"
            )
        return outcome.stdout

    def get(self, *args):
        """`kubectl get ARGS` as an object."""
        return json.loads(self("get", *args, "-o", "json"))

    def create(self, namespace: str, objects, *flags) -> Outcome:
        return self.try_run("create", "--namespace", namespace, "-f", "-", *flags, stdin=objects)

    def created(self, namespace: str, pod: dict, *flags) -> dict:
        """Creates a pod that must be admitted; returns what the API server answered."""
        outcome = self.create(namespace, pod, "-o", "json", *flags)
        assert outcome.ok, f"kubectl create was refused:\n{outcome.stderr}"
        return json.loads(outcome.stdout)
