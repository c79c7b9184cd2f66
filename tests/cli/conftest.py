"""The small commands, run as an administrator or a shell runs them. No cluster is needed."""

import fcntl
import os
import pathlib
import pty
import struct
import subprocess
import termios

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

    def on_terminal(self, columns, *arguments, **environment) -> str:
        """What is written to a terminal of so many columns."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        env = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        with subprocess.Popen([BINARY, *arguments], stdin=subprocess.DEVNULL, stdout=theirs, cwd=ROOT,
                              env={**env, "TERM": "xterm", **environment}) as process:
            os.close(theirs)
            told = b""
            while True:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # the other end is closed
                    break
                if not piece:
                    break
                told += piece
            assert process.wait(timeout=60) in (0, 1)
        os.close(ours)
        return told.decode().replace("\r\n", "\n")


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
