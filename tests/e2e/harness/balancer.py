"""A TCP load balancer on loopback that stands in for the Service, that is, for kube-proxy.

Like kube-proxy it sends each NEW connection to one of the instances that are ready, and leaves
connections that are open alone, also those to an instance that is not ready any more. Readiness is
/readyz of the instance's operations port, asked for as a kubelet would, only more often.
"""

import asyncio
import contextlib
import http.client
import itertools
import threading

POLL_SECONDS = 0.1
# As the readiness probe of manifests/base/deployment.yaml has them.
TIMEOUT_SECONDS = 2
FAILURE_THRESHOLD = 2


def is_ready(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
    except OSError:
        return False


class Balancer:
    def __init__(self):
        self.port = 0
        self._backends = []  # instances with .port and .ops_port
        self._ready = []
        self._failures: dict[object, int] = {}  # instance -> probes in a row that failed
        self._turn = itertools.count()
        self._open: dict[asyncio.StreamWriter, object] = {}  # client side -> instance
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="balancer", daemon=True)
        started = threading.Event()
        self._started = started
        self._thread.start()
        started.wait()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512))
        self.port = self._server.sockets[0].getsockname()[1]
        self._poller = self._loop.create_task(self._poll())
        self._started.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def stop(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def route_to(self, *backends):
        """From now on these stand behind the Service; connections to others are cut.

        For use between calls: a connection that is cut may carry one.
        """
        async def change():
            self._backends = list(backends)
            self._ready = await self._ask(list(self._backends))
            for writer, backend in list(self._open.items()):
                if backend not in self._backends:
                    writer.transport.abort()

        asyncio.run_coroutine_threadsafe(change(), self._loop).result()

    def add(self, backend):
        """One more instance that new connections may go to once it is ready."""
        self._backends.append(backend)

    def forget(self, backend):
        """An instance that has ended. What is open to it stays for its other end to close."""
        self._backends.remove(backend)

    def behind(self) -> list:
        """The instances that stand behind the Service, ready or not."""
        return list(self._backends)

    def connections_to(self, backend) -> int:
        return sum(1 for used in list(self._open.values()) if used is backend)

    @staticmethod
    async def _ask(backends: list) -> list:
        ready = await asyncio.gather(
            *(asyncio.to_thread(is_ready, backend.ops_port) for backend in backends))
        return [backend for backend, is_up in zip(backends, ready) if is_up]

    async def _poll(self):
        while True:
            asked = list(self._backends)
            answered = await self._ask(asked)
            for backend in asked:
                self._failures[backend] = 0 if backend in answered else self._failures.get(backend, 0) + 1
            # One that was ready stays so until enough probes have failed; what is known of one that
            # came meanwhile, and was not asked, stands.
            self._ready = [
                backend for backend in self._backends
                if backend in (answered if backend in asked else self._ready)
                or (backend in self._ready and self._failures.get(backend, 0) < FAILURE_THRESHOLD)]
            await asyncio.sleep(POLL_SECONDS)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        if not self._ready:
            writer.transport.abort()  # as a Service without endpoints: refused
            return
        backend = self._ready[next(self._turn) % len(self._ready)]
        try:
            upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", backend.port)
        except OSError:
            writer.transport.abort()
            return
        self._open[writer] = backend
        try:
            await asyncio.gather(_copy(reader, upstream), _copy(upstream_reader, writer))
        finally:
            del self._open[writer]
            for end in (writer, upstream):
                end.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
    """Copies until one side ends, and passes the end on."""
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
