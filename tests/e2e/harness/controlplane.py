"""A Kubernetes control plane on loopback: everything real but kubelets and container runtimes."""

import contextlib
import http.client
import json
import pathlib
import ssl
import subprocess

import yaml

from .kubectl import Kubectl
from .processes import Process, free_port, wait_for

ADMIN_TOKEN = "e2e-admin"
DEVELOPER_TOKEN = "e2e-developer"  # may do nothing but what a scenario grants (harness/developer.py)
# Static tokens: user, uid, groups. Real authentication and authorization, without client
# certificates to make.
TOKENS = f"""\
{ADMIN_TOKEN},admin,admin,"system:masters"
{DEVELOPER_TOKEN},developer,developer
e2e-controller-manager,system:kube-controller-manager,kcm
e2e-scheduler,system:kube-scheduler,scheduler
"""

# Requests on pods with their patches, which the scenarios on reinvocation and audit read, and
# changes of nodes.
AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Request
    verbs: [create]
    resources: [{group: "", resources: [pods]}]
  - level: Metadata
    verbs: [create, get]
    resources: [{group: "", resources: [pods/exec]}]
  - level: Metadata
    verbs: [patch]
    resources: [{group: "", resources: [nodes]}]
  - level: None
"""

# Tolerations with the operators Gt and Lt, which clusters may have switched on since 1.35.
GATES = "--feature-gates=TaintTolerationComparisonOperators=true"

# The controllers that the scenarios need. No node lifecycle: the nodes here have no heartbeat.
CONTROLLERS = (
    "deployment-controller,replicaset-controller,serviceaccount-controller,"
    "root-ca-certificate-publisher-controller,validatingadmissionpolicy-status-controller"
)


CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")


def _openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


class ControlPlane:
    tokens = TOKENS
    controllers = CONTROLLERS
    names = "IP:127.0.0.1,DNS:kubernetes.default.svc"  # by which the API server is called

    def __init__(self, binaries: pathlib.Path, directory: pathlib.Path, port: int | None = None):
        self.binaries = binaries
        self.directory = directory
        self.logs = directory / "logs"
        self.logs.mkdir(parents=True)
        self.port = port or free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.ca_file = directory / "ca.crt"
        self.audit_log = directory / "audit.log"
        self._etcd_port = free_port()
        self._running: list[Process] = []
        self._make_certificates()
        self.admin_kubeconfig = self.write_kubeconfig("admin", ADMIN_TOKEN)
        self.kubectl = Kubectl(binaries / "kubectl", self.admin_kubeconfig, directory)

    # Certificates and credentials

    def _make_certificates(self):
        d = self.directory
        _openssl("req", "-x509", *CURVE, "-subj", "/CN=e2e CA", "-keyout", d / "ca.key",
                 "-out", self.ca_file)
        self._issue("apiserver", "/CN=kube-apiserver", f"subjectAltName={self.names}")
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout",
                 "-out", d / "service-account.key")
        (d / "tokens.csv").write_text(self.tokens)
        (d / "audit-policy.yaml").write_text(AUDIT_POLICY)

    def _issue(self, name: str, subject: str, extension: str):
        """A certificate of the CA, in `name`.crt and `name`.key."""
        d = self.directory
        _openssl("req", "-x509", *CURVE, "-subj", subject, "-CA", self.ca_file,
                 "-CAkey", d / "ca.key", "-keyout", d / f"{name}.key", "-out", d / f"{name}.crt",
                 "-addext", extension, "-addext", "basicConstraints=critical,CA:FALSE")

    def write_kubeconfig(self, name: str, token: str, url: str | None = None) -> pathlib.Path:
        path = self.directory / f"{name}.kubeconfig"
        path.write_text(yaml.safe_dump({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "e2e",
            "clusters": [{"name": "e2e", "cluster": {"server": url or self.url,
                                                     "certificate-authority": "ca.crt"}}],
            "users": [{"name": name, "user": {"token": token}}],
            "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": name}}],
        }))
        path.chmod(0o600)
        return path

    def service_account_kubeconfig(self, namespace: str, name: str,
                                   port: int | None = None) -> pathlib.Path:
        """What the pod of that service account could do, with a token that the API server made.

        `port` is another one on loopback by which the API server is reached.
        """
        token = self.kubectl("create", "token", name, "--namespace", namespace, "--duration=2h")
        if port is None:
            return self.write_kubeconfig(f"{namespace}-{name}", token.strip())
        return self.write_kubeconfig(f"{namespace}-{name}-{port}", token.strip(),
                                     f"https://127.0.0.1:{port}")

    # Processes

    def _start(self, name: str, *args) -> Process:
        process = Process(name, [self.binaries / name, *args], self.logs / f"{name}.log")
        self._running.append(process)
        return process

    def start(self):
        d = self.directory
        peer = f"http://127.0.0.1:{free_port()}"
        client = f"http://127.0.0.1:{self._etcd_port}"
        etcd = self._start(
            "etcd", "--data-dir", d / "etcd", "--unsafe-no-fsync", "--log-level=warn",
            "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"default={peer}")
        wait_for("etcd", lambda: etcd.must_run() and _http_ok(self._etcd_port, "/health"))
        self.start_api_server()
        for name, kubeconfig, more in (
            ("kube-controller-manager", self.write_kubeconfig("kcm", "e2e-controller-manager"), [
                f"--controllers={self.controllers}", "--use-service-account-credentials",
                f"--root-ca-file={self.ca_file}",
                f"--service-account-private-key-file={d / 'service-account.key'}"]),
            # Its own limit of 50 calls a second would make a test of thousands of pods slow.
            ("kube-scheduler", self.write_kubeconfig("scheduler", "e2e-scheduler"), [
                GATES, "--kube-api-qps=1000", "--kube-api-burst=1000"]),
        ):
            self._start(name, "--kubeconfig", kubeconfig, "--leader-elect=false",
                        "--secure-port=0", *more)
        wait_for("the default service account",
                 lambda: self.must_run() and self.kubectl("get", "serviceaccount", "default"))

    def start_api_server(self, *flags):
        d = self.directory
        self._api_server = self._start(
            "kube-apiserver",
            "--etcd-servers", f"http://127.0.0.1:{self._etcd_port}",
            "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
            "--secure-port", self.port, "--endpoint-reconciler-type=none",
            "--tls-cert-file", d / "apiserver.crt", "--tls-private-key-file", d / "apiserver.key",
            "--token-auth-file", d / "tokens.csv", "--authorization-mode=Node,RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file", d / "service-account.key",
            "--service-account-signing-key-file", d / "service-account.key",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--allow-privileged=true",  # the supervisor is
            "--enable-admission-plugins=PodNodeSelector",  # for namespaces with its annotation
            "--audit-log-path", self.audit_log, "--audit-policy-file", d / "audit-policy.yaml",
            "--delete-collection-workers=4", "--shutdown-delay-duration=0s",
            "--shutdown-watch-termination-grace-period=3s", GATES, *flags)
        wait_for("kube-apiserver", self.api_ready, timeout=60)

    def api_ready(self) -> bool:
        self._api_server.must_run()
        with contextlib.closing(self.connection()) as connection:
            connection.request("GET", "/readyz", headers=self.authorization())
            return connection.getresponse().status == 200

    def stop_api_server(self, how: str = "crash"):
        """A crash says no goodbye to anyone who watches; a "shutdown" does."""
        if how == "shutdown":
            self._api_server.terminate()
            self._api_server.wait(timeout=30)
        self._api_server.kill()
        self._running.remove(self._api_server)

    def restart_api_server(self, *flags):
        """As after a crash; on the same etcd and port."""
        self.stop_api_server()
        self.start_api_server(*flags)

    def compact_etcd(self):
        """Takes all but the present from etcd, as the API server does from time to time."""
        def call(path: str, body: dict) -> dict:
            with contextlib.closing(http.client.HTTPConnection(
                    "127.0.0.1", self._etcd_port, timeout=10)) as connection:
                connection.request("POST", path, json.dumps(body))
                response = connection.getresponse()
                answer = json.loads(response.read())
                assert response.status == 200, answer
                return answer

        revision = call("/v3/kv/range", {"key": "Lw=="})["header"]["revision"]
        call("/v3/kv/compaction", {"revision": revision, "physical": True})

    def must_run(self) -> bool:
        return all(process.must_run() for process in self._running)

    def stop(self):
        for process in reversed(self._running):
            process.kill()  # nothing here outlives the session, so nothing needs to be finished

    # The API without kubectl, for load

    def connection(self, timeout: float = 15.0) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=self.ca_file)
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=timeout)

    @staticmethod
    def authorization(token: str = ADMIN_TOKEN) -> dict:
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def audit_events(self, namespace: str, resource: str = "pods") -> list[dict]:
        """The audit log's entries for a namespace, oldest first."""
        events = [json.loads(line) for line in self.audit_log.read_text().splitlines()]
        return [event for event in events
                if event.get("objectRef", {}).get("namespace") == namespace
                and event["objectRef"].get("resource") == resource]


def _http_ok(port: int, path: str) -> bool:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status == 200
