"""Requests per second, CPU time per request and latency, side by side with nginx.

The server has core 0, the load generator (wrk) core 1. What a machine gives drifts from second to
second, so a round gives each server its seconds in turns of one, and a ratio is that of one round.
Figures are medians over the rounds.
"""

import re
import statistics
import subprocess

from servers import RECORDINGS, Nginx, Webhook, read_answer, request_bytes

MAX_RATIO = 1.8
MAX_VALIDATE_TO_MUTATE = 1.3
CONNECTIONS = 16
SCRIPT = """
local file = io.open("{body}", "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
wrk.path = "{path}?timeout=3s"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, */*"
wrk.headers["User-Agent"] = "kube-apiserver-admission"
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %f %f\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
"""
# Title, server, path, review, and the place of the yardstick: nginx that reads the same review.
TARGETS = [
    ("nginx: body read, fixed answer", "nginx", "/mutate", "05-mutate-pod-create-workspace.json", 0),
    ("cvm-webhook /mutate, 100 nodes", "webhook", "/mutate", "05-mutate-pod-create-workspace.json",
     0),
    ("nginx: the review of /validate", "nginx", "/validate", "CVM", 2),
    ("cvm-webhook /validate, 100 nodes", "webhook", "/validate", "CVM", 2),
]
MUTATE, VALIDATE = 1, 3  # places in TARGETS


def load(server, script, connections=CONNECTIONS, seconds=1):
    """Of those seconds: (requests, seconds, CPU seconds, p50 µs, p99 µs)."""
    before = server.cpu_seconds()
    run = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
                          "-s", str(script), f"https://127.0.0.1:{server.port}"],
                         check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=30)
    cpu = server.cpu_seconds() - before
    found = re.search(r"RESULT (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+)", run.stdout)
    if not found or int(found.group(3)) or not int(found.group(1)):
        raise RuntimeError(f"{server.name}: errors under load:\n{run.stdout}")
    return (int(found.group(1)), int(found.group(2)) / 1e6, cpu, float(found.group(4)),
            float(found.group(5)))


def in_turns(servers, seconds):
    """One round: for each server (requests/s, CPU µs/request, p50 µs, p99 µs)."""
    turns = [[load(server, script) for server, script in servers] for _ in range(seconds)]
    rows = []
    for of_server in zip(*turns):
        requests, duration, cpu, p50, p99 = zip(*of_server)
        rows.append((sum(requests) / sum(duration), sum(cpu) / sum(requests) * 1e6,
                     statistics.median(p50), statistics.median(p99)))
    return rows


def one_answer(server, path, body):
    with server.connect(server.tls_context()) as connection:
        connection.sendall(request_bytes(path, body))
        return read_answer(connection)


def measure(directory, binary, cvm_review, rounds, seconds):
    """cvm_review: a review of a pod that is a CVM already, for /validate."""
    mutate_body = RECORDINGS / "05-mutate-pod-create-workspace.json"
    with Webhook(directory, binary, core=0) as webhook:
        answer = one_answer(webhook, "/mutate", mutate_body.read_bytes())
        verdict = one_answer(webhook, "/validate", cvm_review.read_bytes())
        if b'"patch":' not in answer or b'"allowed":true' not in verdict:
            raise RuntimeError(f"not the work that is to be measured: {answer!r} {verdict!r}")
        idle = webhook.rss_mib()
        with Nginx(directory, answer.decode().strip(), core=0) as nginx:
            servers = []
            for number, (_, kind, path, body, _) in enumerate(TARGETS):
                script = directory / f"wrk-{number}.lua"
                script.write_text(SCRIPT.format(
                    body=cvm_review if body == "CVM" else RECORDINGS / body, path=path))
                servers.append((nginx if kind == "nginx" else webhook, script))
            results = []
            for number in range(rounds):
                results.append(in_turns(servers, seconds))
                print(f"  round {number + 1} of {rounds}", flush=True)
        loaded = webhook.rss_mib()
    return report(list(zip(*results)), idle, loaded, len(answer))


def report(results, idle, loaded, answer_bytes):
    """`results`: for each target, its row of each round."""
    print(f"\nTLS 1.3, ECDSA P-256, keep-alive, {CONNECTIONS} connections, bodies of 7 KB, "
          f"answers of {answer_bytes} bytes; medians\n")
    print("| server | requests/s | CPU µs/request | to nginx | p50 µs | p99 µs |")
    print("| --- | --: | --: | --: | --: | --: |")
    passed = True
    verdicts = []
    for (title, kind, path, _, yardstick), rows in zip(TARGETS, results):
        rate, cpu, p50, p99 = (statistics.median(column) for column in zip(*rows))
        ratios = [row[1] / base[1] for row, base in zip(rows, results[yardstick])]
        ratio = statistics.median(ratios)
        print(f"| {title} | {rate:,.0f} | {cpu:.1f} | {ratio:.2f} | {p50:.0f} | {p99:.0f} |")
        if kind == "nginx":
            continue
        good = ratio <= MAX_RATIO
        passed = passed and good
        verdicts.append(f"{'PASS' if good else 'FAIL'}  {path}: {ratio:.2f} times nginx's CPU time per "
                        f"request ({min(ratios):.2f} to {max(ratios):.2f} in the rounds; "
                        f"at most {MAX_RATIO})")
    of_mutate, of_validate = results[MUTATE], results[VALIDATE]
    ratios = [one[1] / other[1] for one, other in zip(of_validate, of_mutate)]
    good = statistics.median(ratios) <= MAX_VALIDATE_TO_MUTATE
    passed = passed and good
    verdicts.append(f"{'PASS' if good else 'FAIL'}  /validate: {statistics.median(ratios):.2f} times the CPU "
                    f"time per request of /mutate ({min(ratios):.2f} to {max(ratios):.2f} in the rounds; at "
                    f"most {MAX_VALIDATE_TO_MUTATE})")
    print(*verdicts, sep="\n")
    print(f"memory: {idle:.1f} MiB resident idle, {loaded:.1f} MiB after the load")
    return passed
