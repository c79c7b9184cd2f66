"""What placement `wrap` costs a call, beside `sidecar`: decode, decide and encode of the workspace pod.

The same program measures both, in turns of random order, so that a busy machine slows both.
"""

import json
import statistics
import subprocess

REPETITIONS = 25
MOST = 1.5  # wrap to sidecar, of each call


def measure(build):
    output = subprocess.run(
        [build / "tests" / "bench" / "decision_bench", "--benchmark_filter=^placement ",
         f"--benchmark_repetitions={REPETITIONS}", "--benchmark_min_time=0.05",
         "--benchmark_enable_random_interleaving=true", "--benchmark_format=json"],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    times = {}
    for run in json.loads(output)["benchmarks"]:
        if run["run_type"] == "iteration":
            times.setdefault(run["run_name"], []).append(run["cpu_time"])
    print("\n| call | sidecar, ns | wrap, ns | wrap to sidecar |\n| --- | --: | --: | --: |")
    good = True
    for call in ("mutate", "validate"):
        sidecar, wrap = (statistics.median(times[f"placement {name}, {call}"])
                         for name in ("sidecar", "wrap"))
        good = good and wrap <= MOST * sidecar
        print(f"| /{call} | {sidecar:,.0f} | {wrap:,.0f} | {wrap / sidecar:.2f} |")
    print(f"\n{'within' if good else 'OVER'} the bound of {MOST}")
    return good
