"""The servers that are measured: cvm-webhook and, as the yardstick, nginx. Loopback only."""

import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDINGS = ROOT / "tests" / "data" / "recordings"
START_SECONDS = 60  # valgrind is slow
SETTINGS = """\
apiVersion: cvm-webhook.io/v1alpha1
kind: CvmSettings
"""


def node(index):
    """One of the bench's nodes: most can host CVMs, some cannot, for several reasons."""
    systems = [("Ubuntu 22.04.5 LTS", "6.8.0-48-generic"), ("Ubuntu 24.04.1 LTS", "6.8.0-31-generic"),
               ("Flatcar Container Linux by Kinvolk 3975.2.2 (Oklo)", "6.6.54-flatcar"),
               ("Rocky Linux 9.4 (Blue Onyx)", "5.14.0-427.13.1.el9_4.x86_64"),
               ("Ubuntu 18.04.6 LTS", "4.15.0-213-generic")]
    system, kernel = systems[0 if index % 10 < 6 else index % 10 - 5]
    return {
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": f"node-{index:03}", "labels": {
            "kubernetes.io/hostname": f"node-{index:03}", "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64", "topology.kubernetes.io/zone": f"zone-{index % 3}",
            "node.kubernetes.io/instance-type": f"type-{index % 4}",
            "pool": "workspaces" if index % 2 else "general"}},
        "spec": {"taints": [{"key": "dedicated", "value": "workspaces", "effect": "NoSchedule"}]
                 if index % 2 else []},
        "status": {"nodeInfo": {
            "architecture": "amd64", "operatingSystem": "linux", "osImage": system,
            "kernelVersion": kernel, "kubeletVersion": "v1.34.2",
            "containerRuntimeVersion": "containerd://2.0.5"}},
    }


def nodes(count):
    return {"apiVersion": "v1", "kind": "NodeList", "items": [node(index) for index in range(count)]}


def more_files():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Server:
    """A process that is measured; `with` starts and ends it. One worker, TLS 1.3 in all uses."""

    name = ""

    def __init__(self, directory, wrap=(), core=None):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=directory))
        self.tls = directory
        self.wrap, self.core = list(wrap), core
        self.process, self.port = None, None
        self.log = self.directory / "log"

    def command(self):
        raise NotImplementedError

    def find_port(self):
        """The port, once the server listens on it, else None."""
        raise NotImplementedError

    def __enter__(self):
        pinned = [] if self.core is None else ["taskset", "-c", str(self.core)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                pinned + self.wrap + self.command(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, preexec_fn=more_files)
        deadline = time.monotonic() + START_SECONDS
        try:
            while self.port is None:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")
                time.sleep(0.05)
                self.port = self.find_port()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        # Again after a while: nginx, slow under valgrind, sleeps on when the signal comes between its
        # look at the flag and its wait for events.
        for _ in range(6):
            if self.process.poll() is not None:
                return
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def cpu_seconds(self):
        """User and system time of the process so far, in steps of 10 ms."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024

    def tls_context(self):
        context = ssl.create_default_context(cafile=str(self.tls / "ca.crt"))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        return context

    def connect(self, context):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return context.wrap_socket(plain, server_hostname="127.0.0.1")


class Webhook(Server):
    name = "cvm-webhook"

    def __init__(self, directory, binary, arguments=(), node_count=100, **keywords):
        super().__init__(directory, **keywords)
        self.binary, self.arguments = binary, list(arguments)
        (self.directory / "nodes.json").write_text(json.dumps(nodes(node_count)))
        (self.directory / "settings.yaml").write_text(SETTINGS)

    def command(self):
        # One log line a decision is part of the work; it goes to a file.
        return [str(self.binary), "serve", "--settings", str(self.directory / "settings.yaml"),
                "--nodes", str(self.directory / "nodes.json"), "--tls-cert", str(self.tls / "tls.crt"),
                "--tls-key", str(self.tls / "tls.key"), "--listen", "127.0.0.1:0",
                "--ops-listen", "127.0.0.1:0", "--threads", "1", "--log-format", "json",
                "--drain-delay", "0s", *self.arguments]

    def find_port(self):
        with self.log.open("rb") as log:
            for line in log.read(1 << 16).splitlines():
                if line.startswith(b"{") and (start := json.loads(line)).get("msg") == "serving":
                    return int(start["listen"].rsplit(":", 1)[1])
        return None


class Nginx(Server):
    """One worker that reads the whole body (echo_read_request_body) and returns a fixed answer."""

    name = "nginx"

    def __init__(self, directory, answer, **keywords):
        super().__init__(directory, **keywords)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.chosen = probe.getsockname()[1]
        # nginx's parser takes words of less than 4096 bytes.
        pieces = [answer[start:start + 3000] for start in range(0, len(answer), 3000)]
        if "'" in answer or "$" in answer or "\\" in answer:
            raise ValueError("the answer cannot be written in nginx's configuration")
        constants = "\n".join(f"set $piece{index} '{piece}';" for index, piece in enumerate(pieces))
        whole = "".join(f"${{piece{index}}}" for index in range(len(pieces)))
        fixed = f"return 200 '{answer}';" if len(pieces) == 1 else f'{constants} return 200 "{whole}";'
        paths = "\n".join(f"{kind}_temp_path {self.directory}/{kind};"
                          for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.directory / "nginx.conf").write_text(f"""
load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;
daemon off; master_process off; pid {self.directory}/pid; error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
  {paths}
  access_log off; default_type application/json;
  keepalive_requests 1000000000; client_body_buffer_size 128k;
  ssl_protocols TLSv1.3; ssl_session_tickets off; ssl_session_cache off;
  ssl_certificate {self.tls}/tls.crt; ssl_certificate_key {self.tls}/tls.key;
  server {{
    listen 127.0.0.1:{self.chosen} ssl;
    location / {{ echo_read_request_body; echo_exec @fixed; }}
    location @fixed {{ {fixed} }}
  }}
}}
""")

    def command(self):
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(self.directory),
                "-c", str(self.directory / "nginx.conf")]

    def find_port(self):
        with socket.socket() as probe:
            return self.chosen if probe.connect_ex(("127.0.0.1", self.chosen)) == 0 else None


def request_bytes(path, body):
    """The request as kube-apiserver sends it."""
    return (f"POST {path}?timeout=3s HTTP/1.1\r\nHost: cvm-webhook.cvm-system.svc:443\r\n"
            "User-Agent: kube-apiserver-admission\r\nAccept: application/json, */*\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


def read_answer(connection):
    """Body of one answer with a Content-Length; status other than 200 is an error."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            raise RuntimeError(f"the connection ended after {received[:200]!r}")
        received += part
    head, body = received.split(b"\r\n\r\n", 1)
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"answer: {head!r} {body[:300]!r}")
    length = int(re.search(rb"content-length: *(\d+)", head, re.IGNORECASE).group(1))
    while len(body) < length:
        body += connection.recv(65536)
    return body
