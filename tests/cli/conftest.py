"""The small commands, run as an administrator or a shell runs them. No cluster is needed."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CVM_WEBHOOK", ROOT / "build/release/cvm-webhook")).resolve()


class Program:
    """cvm-webhook; `run` is for calls that are meant to succeed."""

    path = BINARY

    def call(self, *arguments, **options) -> subprocess.CompletedProcess:
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, check=False,
                              timeout=60, cwd=ROOT, **options)

    def run(self, *arguments, **options) -> str:
        done = self.call(*arguments, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def program() -> Program:
    return Program()


@pytest.fixture(scope="session")
def root() -> pathlib.Path:
    return ROOT


@pytest.fixture(scope="session")
def commands(program) -> list[tuple[str, ...]]:
    """Every command that does something, as the program itself completes them."""
    found = []

    def visit(path):
        lines = program.run("__complete", *path, "").splitlines()
        below = [line.split("\t")[0] for line in lines if "\t" in line]
        for name in below:
            visit((*path, name))
        if path and not below:
            found.append(path)

    visit(())
    assert len(found) > 8
    return found


@pytest.fixture
def path_with_program(tmp_path, program) -> str:
    """A PATH on which the program is found by each of its names."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("cvm-webhook", "kubectl-cvm", "kubectl_complete-cvm"):
        (folder / name).symlink_to(program.path)
    return f"{folder}:{os.environ['PATH']}"
