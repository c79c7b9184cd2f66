"""The demo: a server on loopback, a throw-away CA, real admission calls over TLS.

usage: demo.py CVM_WEBHOOK_BINARY

Exits with 1 when an answer is not the one that the demo is there to show.
"""

import base64
import difflib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import uuid

import yaml

HERE = pathlib.Path(__file__).resolve().parent
START_SECONDS = 10

# The pod, what is to be seen, whether it is admitted, and the rule that says why not.
CASES = [
    ("workspace.yaml", "A workspace becomes a CVM", True, None),
    ("workspace-on-hardened-node.yaml", "Refused: SELinux on the node", False, "node-selinux"),
    ("workspace-with-cloud-gpu.yaml", "Refused: a GPU in a cloud", False, "gpu-cloud"),
    ("workspace-on-legacy-node.yaml", "Refused: the node's kernel", False, "node-kernel"),
]

COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def paint(colour, text):
    if not sys.stdout.isatty():
        return text
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m"


def heading(number, text):
    print(f"\n{paint('bold', f'{number}  {text}')}")


def review_of(pod, operation="CREATE"):
    """The call that an API server makes for this pod."""
    kind = {"group": "", "version": "v1", "kind": "Pod"}
    resource = {"group": "", "version": "v1", "resource": "pods"}
    return {
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": str(uuid.uuid4()), "kind": kind, "resource": resource, "requestKind": kind,
            "requestResource": resource, "name": pod["metadata"]["name"],
            "namespace": pod["metadata"]["namespace"], "operation": operation,
            "userInfo": {"username": "alice", "groups": ["system:authenticated"]},
            "object": pod, "oldObject": None, "dryRun": False, "options": None,
        },
    }


def apply_patch(document, operations):
    """RFC 6902, as far as the answers need it: add and replace."""
    document = json.loads(json.dumps(document))
    for operation in operations:
        *parents, last = [part.replace("~1", "/").replace("~0", "~")
                          for part in operation["path"].split("/")[1:]]
        target = document
        for part in parents:
            target = target[int(part)] if isinstance(target, list) else target[part]
        if operation["op"] not in ("add", "replace"):
            raise ValueError(f"operation {operation['op']} is not known to the demo")
        if not isinstance(target, list) or operation["op"] == "replace":
            target[int(last) if isinstance(target, list) else last] = operation["value"]
        else:
            target.insert(len(target) if last == "-" else int(last), operation["value"])
    return document


def print_diff(before, after):
    def lines(pod):
        return yaml.safe_dump(pod, sort_keys=False, width=100).splitlines()
    for line in difflib.ndiff(lines(before), lines(after)):
        if line.startswith("?"):
            continue
        colour = {"+": "green", "-": "red"}.get(line[0])
        print("    " + (paint(colour, line) if colour else paint("dim", line)))


class Server:
    """cvm-webhook serve on a free port of the loopback address."""

    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory
        self.log = directory / "log"
        self.process = None
        self.address = None

    def __enter__(self):
        run([self.binary, "certs", "issue", "--dir", self.directory, "--ip", "127.0.0.1"])
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--settings", HERE / "settings.yaml",
                 "--nodes", HERE / "nodes.yaml", "--tls-cert", self.directory / "tls.crt",
                 "--tls-key", self.directory / "tls.key", "--listen", "127.0.0.1:0",
                 "--ops-listen", "127.0.0.1:0", "--log-format", "json", "--drain-delay", "0s"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            self.address = self.wait_for_start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_for_start(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for line in self.log.read_text(encoding="utf-8").splitlines():
                if line.startswith("{") and json.loads(line).get("msg") == "serving":
                    return json.loads(line)["listen"]
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        sys.exit(f"demo: the server did not start; its log:\n{self.log.read_text(encoding='utf-8')}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def call(self, endpoint, review):
        """One admission call by curl, which trusts the throw-away CA alone."""
        answer = run(["curl", "--silent", "--show-error", "--fail", "--max-time", "5",
                      "--cacert", self.directory / "ca.crt",
                      "--header", "Content-Type: application/json", "--data-binary", "@-",
                      f"https://{self.address}/{endpoint}"], given=json.dumps(review))
        response = json.loads(answer)["response"]
        if response["uid"] != review["request"]["uid"]:
            sys.exit("demo: the answer carries another uid than the call")
        return response


def run(command, given=None):
    done = subprocess.run([str(part) for part in command], input=given, text=True,
                          stdin=subprocess.DEVNULL if given is None else None,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"demo: {' '.join(map(str, command[:3]))}... failed: {done.stderr or done.stdout}")
    return done.stdout


def show(server, number, case):
    """Sends one pod and shows the answer; returns whether it was the expected one."""
    file, title, admitted, rule = case
    pod = yaml.safe_load((HERE / file).read_text(encoding="utf-8"))
    heading(number, title)
    print(paint("dim", f"   POST https://{server.address}/mutate   examples/{file}"))
    response = server.call("mutate", review_of(pod))
    for warning in response.get("warnings", []):
        print(f"   {paint('yellow', 'warning')}  {warning}")
    if not response["allowed"]:
        print(f"   {paint('red', 'refused')}  {response['status']['code']} {response['status']['reason']}")
        message = response["status"]["message"]
        for line in message.splitlines():
            print(textwrap.fill(line, 96, initial_indent="     ", subsequent_indent="       "))
        return not admitted and f"cvm/{rule}:" in message

    patch = json.loads(base64.b64decode(response["patch"])) if "patch" in response else []
    after = apply_patch(pod, patch)
    print(f"   {paint('green', 'admitted')} with {len(patch)} patch operations:\n")
    print_diff(pod, after)
    # What the API server does next.
    again = server.call("mutate", review_of(after))
    final = server.call("validate", review_of(after))
    print(f"\n   called again with the patched pod: {'nothing to add' if 'patch' not in again else 'A PATCH'}"
          f"; /validate: {'admitted' if final['allowed'] else 'REFUSED'}")
    return admitted and patch and "patch" not in again and final["allowed"]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    binary = pathlib.Path(sys.argv[1]).resolve()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="cvm-demo-"))
    try:
        with Server(binary, directory) as server:
            print(f"cvm-webhook serves on {server.address}: a CA for this run alone, "
                  "examples/settings.yaml, examples/nodes.yaml")
            wrong = [case[0] for number, case in enumerate(CASES, 1) if not show(server, number, case)]
        print()
        if wrong:
            sys.exit(f"demo: not the expected answer for {', '.join(wrong)}")
        print(f"{len(CASES)} pods, {len(CASES)} answers as expected; the server has ended "
              f"(exit {server.process.returncode}).")
        if server.process.returncode != 0:
            sys.exit(1)
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
