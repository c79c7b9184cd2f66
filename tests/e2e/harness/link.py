"""A way to a port on loopback that can be cut and mended."""

import contextlib
import socket
import threading


class Link:
    """Carries TCP connections from its own port to `target`, unless it is cut.

    Then those that are open end, and new ones are taken but wait: to a client, a network that has
    lost its packets and not a server that refuses it.
    """

    def __init__(self, target: int):
        self._target = target
        self._whole = threading.Event()
        self._whole.set()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self._whole.clear()
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self._whole.set()

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes up accept()
        self._listener.close()
        self.cut()
        self.mend()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket):
        self._whole.wait()
        with client, contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                ends = {client, server}
                with self._lock:
                    self._open |= ends
                try:
                    back = threading.Thread(target=_copy, args=(server, client), daemon=True)
                    back.start()
                    _copy(client, server)
                    back.join()
                finally:
                    with self._lock:
                        self._open -= ends


def _copy(source: socket.socket, target: socket.socket):
    """Until one end closes; then neither is of use."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
