"""What 65,000 nodes cost, against 100: the first list, memory, heartbeats, calls, decisions.

The API server is fake_api_server.py, on the load generator's core; cvm-webhook has core 0. A node is
renewed every 5 minutes and 1% of them get another label each minute, while heartbeats are on.
"""

import http.client
import json
import pathlib
import statistics
import subprocess
import sys
import time

import http_bench
from servers import RECORDINGS, SETTINGS, Server, Webhook, read_answer, request_bytes

MANY, FEW = 65_000, 100
MAX_LIST_RATIO = 3.0
MAX_MIB = 64
MAX_HEARTBEAT_SHARE = 0.05
MAX_UNSEEN = 50  # a quarter of a second
MAX_P99_RATIO = 1.5
MAX_DECISION_RATIO = 1.3
CONNECTIONS = 8
LIST_ROUNDS = 3
READY_SECONDS = 120
EXPIRING_PAGE = 100  # of 130

# Three terms of a nodeSelector and an affinity of two: what a decision at any size is held to.
NODE_SELECTOR = {"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "pool": "workspaces"}
AFFINITY = [
    {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In",
                           "values": ["eu-central-1a", "eu-central-1b"]}]},
    {"matchExpressions": [{"key": "example.com/batch", "operator": "NotIn", "values": ["b1"]},
                          {"key": "node.kubernetes.io/instance-type", "operator": "Exists"}]},
]


class ApiServer(Server):
    name = "api-server"

    def __init__(self, directory, count):
        super().__init__(directory, core=1)
        self.count = count

    def command(self):
        return [sys.executable, str(pathlib.Path(__file__).with_name("fake_api_server.py")),
                "--nodes", str(self.count), "--cert", str(self.tls / "tls.crt"),
                "--key", str(self.tls / "tls.key")]

    def find_port(self):
        line = self.log.read_text().partition("\n")[0]
        return int(line) if line.isdigit() else None

    def control(self, **query):
        """Switches heartbeats (beats=0, 1), lets the gone-th page expire; returns the counts."""
        target = "/control?" + "&".join(f"{key}={value}" for key, value in query.items())
        with self.connect(self.tls_context()) as connection:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            return json.loads(read_answer(connection))

    def kubeconfig(self):
        path = self.directory / "kubeconfig"
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "bench",
            "clusters": [{"name": "bench", "cluster": {
                "server": f"https://127.0.0.1:{self.port}",
                "certificate-authority": str(self.tls / "ca.crt")}}],
            "users": [{"name": "bench", "user": {"token": "bench"}}],
            "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}]}))
        return str(path)


class WatchingWebhook(Webhook):
    """cvm-webhook that lists and watches the nodes of an ApiServer."""

    def __init__(self, directory, binary, api_server):
        super().__init__(directory, binary, node_count=0, core=0)
        self.kubeconfig, self.expected = api_server.kubeconfig(), api_server.count
        # The first marks of so many nodes would be written for as long as all of this takes.
        (self.directory / "settings.yaml").write_text(SETTINGS + "nodes: {mark: false}\n")

    def command(self):
        command = super().command()
        at = command.index("--nodes")
        return command[:at] + ["--kubeconfig", self.kubeconfig] + command[at + 2:]

    def start_line(self):
        with self.log.open() as log:
            return next(line for line in map(json.loads, log) if line.get("msg") == "serving")

    def ops(self, path):
        port = int(self.start_line()["ops"].rsplit(":", 1)[1])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def metric(self, name):
        return next(float(line.split()[1]) for line in self.ops("/metrics")[1].splitlines()
                    if line.startswith(name + " "))

    def wait_until_quiet(self):
        """Returns when all nodes are known and nothing is left to do after that."""
        deadline = time.monotonic() + READY_SECONDS
        while self.ops("/readyz")[0] != 200:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"not ready:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.1)
        used = -1.0
        while self.cpu_seconds() - used > 0.02:
            used = self.cpu_seconds()
            time.sleep(0.5)
        if (known := self.metric("cvm_webhook_nodes")) != self.expected:
            raise RuntimeError(f"{known:.0f} nodes are known, {self.expected} expected")


class Bounds:
    """Prints each figure that is held to a bound, and remembers misses."""

    def __init__(self):
        self.passed = True

    def at_most(self, most, value, text):
        good = value <= most
        self.passed = self.passed and good
        print(f"{'PASS' if good else 'FAIL'}  {text} (at most {most:g})", flush=True)

    def missed(self, text):
        self.passed = False
        print(f"FAIL  {text}", flush=True)


def plain_reader_cpu(build, api_server):
    """CPU seconds of reading and decrypting the list, and its bytes."""
    done = subprocess.run(
        ["taskset", "-c", "0", str(build / "tests" / "bench" / "plain_reader"),
         str(api_server.port), str(api_server.tls / "ca.crt"), str(api_server.count)],
        check=True, text=True, stdout=subprocess.PIPE, timeout=READY_SECONDS)
    count, cpu = done.stdout.split()
    return float(cpu), int(count)


def first_list(directory, build, binary, api_server, bounds):
    rows = []
    for _ in range(LIST_ROUNDS):
        reading, size = plain_reader_cpu(build, api_server)
        with WatchingWebhook(directory, binary, api_server) as webhook:
            webhook.wait_until_quiet()
            rows.append((reading, webhook.cpu_seconds()))
    print(f"\n| first list of {MANY:,} nodes, {size / 1e6:.0f} MB | CPU s |\n| --- | --: |")
    reading, listing = (statistics.median(column) for column in zip(*rows))
    print(f"| a client that reads and decrypts it | {reading:.2f} |")
    print(f"| cvm-webhook, from its start until it is ready | {listing:.2f} |\n")
    ratios = [listing / reading for reading, listing in rows]
    bounds.at_most(MAX_LIST_RATIO, statistics.median(ratios),
                   f"first list: {statistics.median(ratios):.2f} times the CPU of reading it "
                   f"({min(ratios):.2f} to {max(ratios):.2f})")


def heartbeats(webhook, api_server, seconds, bounds):
    before, began, used = api_server.control(beats=1), time.monotonic(), webhook.cpu_seconds()
    events = webhook.metric("cvm_webhook_node_events_total")
    time.sleep(seconds)
    used, took = webhook.cpu_seconds() - used, time.monotonic() - began
    after = api_server.control(beats=0)
    seen = webhook.metric("cvm_webhook_node_events_total") - events
    sent = after["heartbeats"] - before.get("heartbeats", 0)
    relabelled = after.get("relabelled", 0) - before.get("relabelled", 0)
    if sent < 0.9 * MANY / 300 * seconds:
        raise RuntimeError(f"only {sent} heartbeats were sent in {took:.0f} s")
    bounds.at_most(MAX_UNSEEN, sent - seen, f"{sent - seen:.0f} of {sent} heartbeats not seen yet")
    bounds.at_most(100 * MAX_HEARTBEAT_SHARE, 100 * used / took,
                   f"heartbeats, {sent / took:.0f}/s, {relabelled / took:.1f}/s of them with another "
                   f"label: {100 * used / took:.2f}% of one core over {took:.0f} s")


def hard_review(directory):
    """The recorded call with a nodeSelector and an affinity that many nodes fit."""
    review = json.loads((RECORDINGS / "05-mutate-pod-create-workspace.json").read_bytes())
    spec = review["request"]["object"]["spec"]
    spec["nodeSelector"] = NODE_SELECTOR
    spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = {
        "nodeSelectorTerms": AFFINITY}
    file = directory / "selective.json"
    file.write_text(json.dumps(review, separators=(",", ":")))
    return file


def calls(directory, few, many, api_server, rounds, bounds):
    """`few` and `many` know 100 and 65,000 nodes; in turns, the latter also under heartbeats."""
    review = hard_review(directory)
    script = directory / "wrk-nodes.lua"
    script.write_text(http_bench.SCRIPT.format(body=review, path="/mutate"))
    for server in (few, many):
        with server.connect(server.tls_context()) as connection:
            connection.sendall(request_bytes("/mutate", review.read_bytes()))
            if b'"patch":' not in (answer := read_answer(connection)):
                raise RuntimeError(f"not the work that is to be measured: {answer!r}")
    rows = {"100 nodes": [], "65,000 nodes": [], "65,000 nodes, heartbeats": []}
    for _ in range(rounds):
        for title, server, beats in zip(rows, (few, many, many), (0, 0, 1)):
            api_server.control(beats=beats)
            rows[title].append(http_bench.load(server, script, CONNECTIONS, 2))
    api_server.control(beats=0)
    print(f"\n| /mutate, {CONNECTIONS} connections | requests/s | CPU µs/request | p50 µs | p99 µs |")
    print("| --- | --: | --: | --: | --: |")
    for title, turns in rows.items():
        requests, seconds, cpu, p50, p99 = zip(*turns)
        print(f"| {title} | {sum(requests) / sum(seconds):,.0f} | "
              f"{sum(cpu) / sum(requests) * 1e6:.1f} | {statistics.median(p50):.0f} | "
              f"{statistics.median(p99):.0f} |")
    print()
    few_turns, *others = rows.items()
    for title, turns in others:
        ratio = statistics.median(turn[4] / base[4] for turn, base in zip(turns, few_turns[1]))
        bounds.at_most(MAX_P99_RATIO, ratio, f"p99 with {title}: {ratio:.2f} times that with 100")


def decisions(build, bounds):
    """The benchmarks of decision_bench whose names end in a number of nodes."""
    done = subprocess.run(
        ["taskset", "-c", "0", str(build / "tests" / "bench" / "decision_bench"),
         "--benchmark_filter=nodes$", "--benchmark_repetitions=5", "--benchmark_format=json"],
        check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300)
    times = {}
    for run in json.loads(done.stdout or "{}").get("benchmarks", []):
        if run.get("aggregate_name") == "median":
            times[run["run_name"]] = run["cpu_time"]
    pairs = [(name.removesuffix(f" {FEW} nodes"), time_few, times[name.replace(
        f" {FEW} nodes", f" {MANY} nodes")]) for name, time_few in times.items()
        if name.endswith(f" {FEW} nodes")]
    if not pairs:
        return bounds.missed("decision_bench has no benchmarks of 100 and 65000 nodes")
    print("\n| of one thread, ns of CPU | 100 nodes | 65,000 nodes |\n| --- | --: | --: |")
    for name, few, many in pairs:
        print(f"| {name.rstrip(',')} | {few:,.0f} | {many:,.0f} |")
    print()
    for name, few, many in pairs:
        bounds.at_most(MAX_DECISION_RATIO, many / few,
                       f"{name.rstrip(',')}: {many / few:.2f} times that with 100 nodes")


def measure(directory, build, seconds, rounds):
    """`seconds` of heartbeats, `rounds` of calls; True when every bound is held."""
    binary, bounds = build / "webhook" / "cvm-webhook", Bounds()
    with ApiServer(directory, MANY) as many_nodes, ApiServer(directory, FEW) as few_nodes:
        first_list(directory, build, binary, many_nodes, bounds)
        many_nodes.control(gone=EXPIRING_PAGE)
        with (WatchingWebhook(directory, binary, many_nodes) as many,
              WatchingWebhook(directory, binary, few_nodes) as few):
            many.wait_until_quiet()
            few.wait_until_quiet()
            if many.metric("cvm_webhook_node_errors_total") < 1:
                raise RuntimeError("no page expired in mid-list")
            bounds.at_most(MAX_MIB, many.rss_mib(), f"{many.rss_mib():.1f} MiB resident after a list "
                           f"that expired (410) at page {EXPIRING_PAGE} and one that did not; "
                           f"{few.rss_mib():.1f} MiB with {FEW} nodes")
            heartbeats(many, many_nodes, seconds, bounds)
            many.wait_until_quiet()
            try:
                calls(directory, few, many, many_nodes, rounds, bounds)
            except RuntimeError as fault:
                bounds.missed(f"calls: {fault}")
            bounds.at_most(MAX_MIB, many.rss_mib(), f"{many.rss_mib():.1f} MiB resident after all that")
    decisions(build, bounds)
    return bounds.passed
