"""What the commands cost, as CPU of the whole process, beside a process that does next to nothing.

`eval` of one pod to `version`, and a policy suite of 1,000 cases to one of a single case, in turns.
"""

import os
import pathlib
import statistics
import subprocess

ROUNDS = 15
MOST_EVAL = 3.0    # to `version`
MOST_SUITE = 40.0  # 1,000 cases to one

SUITE = """apiVersion: cvm-webhook.io/v1alpha1
kind: CvmPolicyTest
name: cost
pod: {metadata: {name: alice-dev}, spec: {containers: [{name: dev, image: "ubuntu:22.04"}]}}
cases:
"""
CASE = "- {{name: case {}, expect: {{allowed: true, findings: []}}}}\n"


def cpu_of(arguments) -> float:
    """Seconds of user and system time of a process, from its start to its end."""
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{arguments} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def measure(binary: pathlib.Path, directory: pathlib.Path, root: pathlib.Path) -> bool:
    suites = {}
    for count in (1, 1000):
        suites[count] = directory / f"suite-{count}.yaml"
        suites[count].write_text(SUITE + "".join(CASE.format(number) for number in range(count)))
    commands = {
        "version": [binary, "version"],
        "eval of a pod": [binary, "eval", "-f", root / "examples" / "workspace.yaml"],
        "test of one case": [binary, "test", suites[1]],
        "test of 1,000 cases": [binary, "test", suites[1000]],
    }
    times = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(cpu_of(command))
    medians = {name: statistics.median(values) for name, values in times.items()}
    print("\n| command | CPU, ms |\n| --- | --: |")
    for name, seconds in medians.items():
        print(f"| {name} | {1000 * seconds:.1f} |")
    evaluation = medians["eval of a pod"] / medians["version"]
    suite = medians["test of 1,000 cases"] / medians["test of one case"]
    print(f"\neval to version: {evaluation:.2f} (bound {MOST_EVAL:g}); "
          f"1,000 cases to one: {suite:.1f} (bound {MOST_SUITE:g})")
    return evaluation <= MOST_EVAL and suite <= MOST_SUITE
