"""Measures cvm-webhook; README.md beside this file says what, and what came out.

usage: run.py --build DIR [PART...]     parts: http, instructions, idle, decision, nodes, placements, commands
"""

import argparse
import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import commands
import http_bench
import idle
import instructions
import nodes_bench
import placements
from servers import RECORDINGS, Webhook

PARTS = ("http", "instructions", "idle", "decision", "nodes", "placements", "commands")


def pointer_target(document, path):
    """Where an RFC 6902 operation applies: (container, key)."""
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    for part in parents:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document, last


def make_cvm_review(directory, binary):
    """The recorded call again, its pod patched by our own answer: what /validate is asked."""
    review = json.loads((RECORDINGS / "05-mutate-pod-create-workspace.json").read_bytes())
    with Webhook(directory, binary) as webhook:
        body = json.dumps(review, separators=(",", ":")).encode()
        answer = json.loads(http_bench.one_answer(webhook, "/mutate", body))
    for operation in json.loads(base64.b64decode(answer["response"]["patch"])):
        target, key = pointer_target(review["request"]["object"], operation["path"])
        if isinstance(target, list):
            target.insert(len(target) if key == "-" else int(key), operation["value"])
        else:
            target[key] = operation["value"]
    file = directory / "validate.json"
    file.write_text(json.dumps(review, separators=(",", ":")))
    return file


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of one round of one server")
    parser.add_argument("--connections", type=int, default=10000, help="of the part idle")
    parser.add_argument("--heartbeat-seconds", type=int, default=60, help="of the part nodes")
    parser.add_argument("--call-rounds", type=int, default=10, help="of the part nodes")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    arguments = parser.parse_args()
    parts = arguments.parts or PARTS
    if unknown := set(parts) - set(PARTS):
        sys.exit(f"bench: no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")

    binary = arguments.build.resolve() / "webhook" / "cvm-webhook"
    directory = pathlib.Path(tempfile.mkdtemp(prefix="cvm-bench-"))
    passed = True
    try:
        subprocess.run([binary, "certs", "issue", "--dir", directory, "--ip", "127.0.0.1"],
                       check=True, stdout=subprocess.DEVNULL)
        review = make_cvm_review(directory, binary)
        for part in PARTS:
            if part not in parts:
                continue
            print(f"\n## {part}", flush=True)
            if part == "http":
                good = http_bench.measure(directory, binary, review, arguments.rounds, arguments.seconds)
            elif part == "instructions":
                good = instructions.measure(directory, binary, review)
            elif part == "idle":
                good = idle.measure(directory, binary, arguments.connections)
            elif part == "nodes":
                good = nodes_bench.measure(directory, arguments.build.resolve(),
                                           arguments.heartbeat_seconds, arguments.call_rounds)
            elif part == "placements":
                good = placements.measure(arguments.build.resolve())
            elif part == "commands":
                good = commands.measure(binary, directory, RECORDINGS.parents[2])
            else:
                good = subprocess.run([arguments.build / "tests" / "bench" / "decision_bench"],
                                      check=False).returncode == 0
            passed = passed and good
    finally:
        shutil.rmtree(directory)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
