"""Calls that go on: pods created without a pause by several clients of the API server."""

import json
import threading
import time

from .controlplane import ControlPlane


class Calls:
    """While entered, `clients` threads create `pod` with dryRun=All, one after the other.

    Not by kubectl, whose own start takes ten times as long as the call.
    """

    def __init__(self, control_plane: ControlPlane, namespace: str, pod: dict, clients: int = 4):
        self._control_plane = control_plane
        self._path = f"/api/v1/namespaces/{namespace}/pods?dryRun=All"
        self._body = json.dumps(pod)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]
        self.done = 0
        self.failures: list[str] = []
        self.last: dict = {}  # the newest pod that was answered

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self):
        connection = self._control_plane.connection()
        while not self._stop.is_set():
            try:
                connection.request("POST", self._path, self._body,
                                   self._control_plane.authorization())
                response = connection.getresponse()
                answer = json.loads(response.read())
                failure = None if response.status == 201 else answer.get("message", str(answer))
            except Exception as error:  # noqa: BLE001 - a failed call is a result here
                answer, failure = {}, repr(error)
                connection.close()
            with self._lock:
                self.done += 1
                if failure is None:
                    self.last = answer
                else:
                    self.failures.append(failure)
        connection.close()

    def wait_for_more(self, count: int, timeout: float = 20.0):
        """Returns when that many calls more have been answered."""
        target, deadline = self.done + count, time.monotonic() + timeout
        while self.done < target:
            assert time.monotonic() < deadline, f"{self.done} calls, {target} expected by now"
            time.sleep(0.02)

    def assert_none_failed(self, at_least: int):
        assert self.done >= at_least, f"only {self.done} calls were made"
        shown = "\n".join(sorted(set(self.failures))[:5])
        assert not self.failures, f"{len(self.failures)} of {self.done} calls failed:\n{shown}"
