"""What a person at a terminal sees, and what a program that reads the output."""

import fcntl
import os
import pty
import struct
import subprocess
import termios

import pytest


def on_terminal(program, root, columns, *arguments, **environment) -> str:
    """What is written to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    with subprocess.Popen([program.path, *arguments], stdin=subprocess.DEVNULL, stdout=theirs, cwd=root,
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
        process.wait(timeout=60)
    os.close(ours)
    return told.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("arguments", [("rules", "list"), ("rules", "explain", "node-kernel"),
                                       ("test", "examples", "--coverage")])
def test_lines_fit_into_a_terminal(program, root, columns, arguments):
    told = on_terminal(program, root, columns, *arguments, NO_COLOR="1")
    long = [line for line in told.splitlines() if len(line.split("\r")[-1]) > columns and " " in line.strip()]
    assert told and long == []


def test_lines_are_whole_for_programs(program):
    for line in program.run("rules", "list").splitlines():
        assert not line.startswith(" ")
    assert any(len(line) > 100 for line in program.run("rules", "list").splitlines())


@pytest.mark.parametrize("arguments", [
    ("eval", "-f", "examples/workspace.yaml"), ("eval", "-f", "examples/workspace.yaml", "--explain"),
    ("test", "examples"), ("rules", "explain", "node-kernel"),
    ("doctor", "--dump", "examples/cluster.yaml")])
def test_colours_are_for_terminals_and_end_with_no_color(program, root, arguments):
    assert "\x1b[" in on_terminal(program, root, 80, *arguments)
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b[3" not in on_terminal(program, root, 80, *arguments, **environment)
        assert "\x1b[1" not in on_terminal(program, root, 80, *arguments, **environment)
    assert "\x1b[" not in program.call(*arguments).stdout
