"""Many calls of the API at once: kubectl takes ten times as long to start as a call takes."""

import concurrent.futures
import contextlib
import json
import threading
import time

from .controlplane import ControlPlane

CLIENTS = 4
IDLE_SECONDS = 30  # the API server ends what is idle for 90


class Api:
    """Plain HTTP calls by a few threads, each with a connection of its own."""

    def __init__(self, control_plane: ControlPlane):
        self._control_plane = control_plane
        self._own = threading.local()
        self._connections = []
        self._pool = concurrent.futures.ThreadPoolExecutor(CLIENTS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._pool.shutdown()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.close()

    def try_call(self, method: str, path: str, body=None, content_type="application/json"):
        """(HTTP status, answer)."""
        if not hasattr(self._own, "connection"):
            self._own.connection = self._control_plane.connection(timeout=60)
            self._connections.append(self._own.connection)
            self._own.used = time.monotonic()
        elif time.monotonic() - self._own.used > IDLE_SECONDS:
            self._own.connection.close()  # the next request opens it again
        headers = {**self._control_plane.authorization(), "Content-Type": content_type}
        self._own.connection.request(
            method, path, None if body is None else json.dumps(body), headers)
        response = self._own.connection.getresponse()
        answer = json.loads(response.read())
        self._own.used = time.monotonic()
        return response.status, answer

    def __call__(self, method: str, path: str, body=None, content_type="application/json"):
        """Like try_call, for what must succeed; returns the answer."""
        status, answer = self.try_call(method, path, body, content_type)
        assert status < 300, f"{method} {path}: {status} {answer.get('message', answer)}"
        return answer

    def map(self, function, items) -> list:
        """[function(item) for each item], several at a time."""
        return list(self._pool.map(function, items))
