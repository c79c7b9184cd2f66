"""A stand-in for kube-apiserver that lists and watches as many nodes as wanted, over TLS.

usage: fake_api_server.py --nodes N --cert FILE --key FILE [--heartbeat SECONDS] [--relabel SHARE]

Prints its port. Lists go by pages with continue tokens, each page a chunk for each node as kube-apiserver
streams them; watches send events from a resourceVersion on, and bookmarks. Other collections are empty
but for one RuntimeClass. `GET /control?beats=1` (or 0) starts and stops the heartbeats: each node's
status is renewed every --heartbeat seconds, and --relabel of the nodes get another label each minute.
`GET /control?gone=K` answers the K-th page from now on with 410, once. Both return counts.
"""

import argparse
import collections
import json
import random
import socket
import ssl
import sys
import threading
import time
import urllib.parse

import node_objects

HISTORY = 100_000  # events that a watch may start from
BOOKMARK_SECONDS = 60
BATCHES = 8
EXPIRED = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired", "code": 410,
           "message": "The provided continue parameter is too old"}
RUNTIME_CLASS = {"metadata": {"name": "cvm", "resourceVersion": "1"}, "handler": "runc",
                 "scheduling": {"nodeSelector": {"cvm-webhook.io/cvm": "true"}}}
KINDS = {"runtimeclasses": "RuntimeClassList", "pods": "PodList", "namespaces": "NamespaceList"}


class Cluster:
    """The nodes, and what happened to them."""

    def __init__(self, count: int, heartbeat: float, relabel: float):
        self.count, self.relabel = count, relabel
        self.changed = threading.Condition()
        self.version = 1000
        self.versions = [1000] * count
        self.batches = [index % BATCHES for index in range(count)]
        self.history = collections.deque(maxlen=HISTORY)  # (version, node, its batch then)
        self.beats, self.gone_in = False, 0
        self.counts = collections.Counter()
        if heartbeat > 0:
            threading.Thread(target=self._beat, args=(heartbeat,), daemon=True).start()

    def _beat(self, seconds: float):
        chance = random.Random(65000)
        order = list(range(self.count))
        chance.shuffle(order)  # kubelets do not start in the order of their names
        # Every node has its turn once in `seconds`; so many of these turns change a label.
        share = self.relabel * seconds / 60
        position, due = 0, time.monotonic()
        while True:
            due += seconds / self.count
            delay = due - time.monotonic()
            if delay > 0:
                time.sleep(delay)
            if not self.beats:
                due = time.monotonic()
                time.sleep(0.01)
                continue
            self._renew(order[position % self.count], chance.random() < share)
            position += 1

    def _renew(self, index: int, relabel: bool):
        with self.changed:
            self.version += 1
            self.versions[index] = self.version
            if relabel:
                self.batches[index] = (self.batches[index] + 1) % BATCHES
                self.counts["relabelled"] += 1
            self.counts["heartbeats"] += 1
            self.history.append((self.version, index, self.batches[index]))
            self.changed.notify_all()

    def events_after(self, version: int) -> list[tuple[int, int, int]]:
        """Oldest first. The caller holds `changed`."""
        events = []
        for event in reversed(self.history):
            if event[0] <= version:
                break
            events.append(event)
        return events[::-1]


def beat_time() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Session:
    """One connection: request after request."""

    def __init__(self, cluster: Cluster, stream: ssl.SSLSocket):
        self.cluster, self.stream, self.received = cluster, stream, b""

    def run(self):
        while request := self._read_request():
            method, target = request
            url = urllib.parse.urlsplit(target)
            query = dict(urllib.parse.parse_qsl(url.query))
            if method != "GET":
                self.cluster.counts["writes"] += 1
                self._answer({"kind": "Status", "status": "Success"})
            elif url.path == "/control":
                self._control(query)
            elif query.get("watch") in ("true", "1"):
                self._watch(url.path, query)
            elif url.path == "/api/v1/nodes":
                self._list_nodes(query)
            else:
                self._list_others(url.path)

    def _read_request(self):
        while b"\r\n\r\n" not in self.received:
            part = self.stream.recv(65536)
            if not part:
                return None
            self.received += part
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        line, *fields = head.decode().split("\r\n")
        length = next((int(field.split(":")[1]) for field in fields
                       if field.lower().startswith("content-length:")), 0)
        while len(self.received) < length:
            self.received += self.stream.recv(65536)
        self.received = self.received[length:]
        return line.split(" ")[:2]

    def _answer(self, body: dict, status="200 OK"):
        text = json.dumps(body).encode()
        self.stream.sendall(b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                            % (status.encode(), len(text)) + text)

    def _begin_chunks(self):
        self.stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n")

    def _control(self, query: dict):
        if "beats" in query:
            self.cluster.beats = query["beats"] == "1"
        self.cluster.gone_in = int(query.get("gone", self.cluster.gone_in))
        self._answer(dict(self.cluster.counts))

    def _list_nodes(self, query: dict):
        cluster = self.cluster
        start, version = 0, cluster.version
        if "continue" in query:
            start, version = map(int, query["continue"].split("."))
        cluster.counts["pages"] += 1
        if cluster.gone_in:
            cluster.gone_in -= 1
            if cluster.gone_in == 0:
                return self._answer(EXPIRED, "410 Gone")
        end = min(start + int(query.get("limit", cluster.count)), cluster.count)
        more = {"continue": f"{end}.{version}", "remainingItemCount": cluster.count - end}
        metadata = {"resourceVersion": str(version), **(more if end < cluster.count else {})}
        self._begin_chunks()
        parts = [chunk(b'{"kind":"NodeList","apiVersion":"v1","metadata":%b,"items":['
                       % json.dumps(metadata).encode())]
        beat = beat_time()
        for index in range(start, end):
            node = node_objects.render(index, cluster.versions[index], cluster.batches[index], beat)
            parts.append(chunk(node if index == start else b"," + node))
        parts.append(chunk(b"]}\n") + b"0\r\n\r\n")
        self.stream.sendall(b"".join(parts))

    def _list_others(self, path: str):
        last = path.rsplit("/", 1)[1]
        items = [RUNTIME_CLASS] if last == "runtimeclasses" else []
        self._answer({"kind": KINDS.get(last, "List"), "apiVersion": path.split("/", 2)[2].rsplit("/", 1)[0],
                      "metadata": {"resourceVersion": "1000"}, "items": items})

    def _watch(self, path: str, query: dict):
        """Until its time is over; only nodes change."""
        cluster, nodes = self.cluster, path == "/api/v1/nodes"
        cluster.counts["watches"] += 1
        version = int(query.get("resourceVersion") or cluster.version)
        ends = time.monotonic() + float(query.get("timeoutSeconds", 1800))
        bookmark_at = time.monotonic() + BOOKMARK_SECONDS
        self._begin_chunks()
        while (now := time.monotonic()) < ends:
            with cluster.changed:
                events = cluster.events_after(version) if nodes else []
                if not events:
                    cluster.changed.wait(min(1.0, ends - now))
            self._send_events(events)
            version = events[-1][0] if events else version
            if time.monotonic() >= bookmark_at:
                bookmark_at += BOOKMARK_SECONDS
                self._send_bookmark(path, version)
        self.stream.sendall(b"0\r\n\r\n")

    def _send_events(self, events: list[tuple[int, int, int]]):
        beat = beat_time()
        for version, index, batch in events:
            node = node_objects.render(index, version, batch, beat)
            self.stream.sendall(chunk(b'{"type":"MODIFIED","object":%b}\n' % node))

    def _send_bookmark(self, path: str, version: int):
        kind = KINDS.get(path.rsplit("/", 1)[1], "NodeList").removesuffix("List")
        event = {"type": "BOOKMARK", "object": {"kind": kind, "metadata": {
            "resourceVersion": str(version)}}}
        self.stream.sendall(chunk(json.dumps(event).encode() + b"\n"))


def serve(cluster: Cluster, context: ssl.SSLContext, plain: socket.socket):
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(plain, server_side=True) as stream:
            Session(cluster, stream).run()
    except OSError:
        pass  # the other end went away


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, required=True)
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--heartbeat", type=float, default=300)
    parser.add_argument("--relabel", type=float, default=0.01)
    arguments = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.cert, arguments.key)
    cluster = Cluster(arguments.nodes, arguments.heartbeat, arguments.relabel)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            plain, _ = listener.accept()
            threading.Thread(target=serve, args=(cluster, context, plain), daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
