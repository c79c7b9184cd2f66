"""Processes that a test session starts, each with a log file, each ended by its own pid."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time


def free_port() -> int:
    """A loopback port that nobody listened on a moment ago."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Ended(Exception):
    """A process that should run has ended."""


def wait_for(what: str, condition, timeout: float = 30.0, interval: float = 0.05):
    """Calls `condition` until it returns something true, and returns that.

    An exception of `condition` counts as false, but for Ended; the last one is told when time is
    up.
    """
    deadline = time.monotonic() + timeout
    last = None
    while time.monotonic() < deadline:
        try:
            last = condition()
            if last:
                return last
        except Ended:
            raise
        except Exception as error:  # noqa: BLE001 - told below
            last = error
        time.sleep(interval)
    raise AssertionError(f"{what}: not within {timeout:g} s; last seen: {last!r}")


class Process:
    """A running program whose output goes to `log`.

    It ends with us even when we are killed: setpriv(1) asks the kernel for that.
    """

    def __init__(self, name: str, command: list[str], log: pathlib.Path, env=None):
        self.name = name
        self.log = log
        with open(log, "ab") as output:
            self._popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def running(self) -> bool:
        return self._popen.poll() is None

    def must_run(self):
        """True while it runs; fails the test with the log's end when it does not."""
        if not self.running():
            raise Ended(f"{self.name} ended with {self._popen.returncode}:\n{self.tail()}")
        return True

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def terminate(self):
        self._popen.send_signal(signal.SIGTERM)

    def wait(self, timeout: float) -> int:
        return self._popen.wait(timeout)

    def kill(self):
        """Ends it at once, when it still runs."""
        if self.running():
            self._popen.kill()
        self._popen.wait()
