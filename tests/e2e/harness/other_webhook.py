"""Another team's mutating webhook: a few lines of Python that patch pods as a test says."""

import base64
import http.server
import json
import pathlib
import ssl
import threading

from .webhook import Certificates


class OtherWebhook:
    """Serves admission calls over TLS; `patch_for` gives the RFC 6902 operations for a pod."""

    def __init__(self, certificates: Certificates, patch_for):
        self.pods: list[dict] = []  # as each call showed them
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                request = review.pop("request")
                outer.pods.append(request["object"])
                review["response"] = {"uid": request["uid"], "allowed": True}
                patch = patch_for(request["object"])
                if patch:
                    review["response"] |= {
                        "patchType": "JSONPatch",
                        "patch": base64.b64encode(json.dumps(patch).encode()).decode()}
                body = json.dumps(review).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        directory: pathlib.Path = certificates.directory
        context.load_cert_chain(directory / "tls.crt", directory / "tls.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._ca = certificates.ca
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def configuration(self, name: str, namespace: str, reinvocation: str) -> dict:
        return {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": name},
            "webhooks": [{
                "name": "pods.other.example.com",
                "admissionReviewVersions": ["v1"],
                "clientConfig": {
                    "url": f"https://127.0.0.1:{self._server.server_address[1]}/",
                    "caBundle": base64.b64encode(self._ca.encode()).decode()},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                           "resources": ["pods"]}],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "reinvocationPolicy": reinvocation,
                "sideEffects": "None",
            }],
        }

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
