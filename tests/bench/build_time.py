"""What compiling costs: CPU seconds (user and system, of every process) and wall time.

A cold build of each preset, without a compiler cache, of a copy of the sources in a folder of its
own; then, of the release binary, the rebuild after one changed line, with a run of the demo.

usage: build_time.py --work DIR [--jobs N] [PRESET...]     presets: release, bench, asan, tsan, fuzz
"""

import argparse
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What ./dev builds of each.
TARGETS = {"release": ["cvm-webhook"], "bench": ["all"], "asan": ["all"], "tsan": ["thread_tests"],
           "fuzz": sorted(path.stem for path in (ROOT / "tests/fuzz").glob("fuzz_*.cpp"))}
MOST_RELEASE_CPU = 7 * 60
# What is changed -> the most seconds of wall time, on 2 cores, until the demo has run.
CHANGES = {"policies/rules/pod/tmp_mount.cpp": 25, "policies/model/pod_view.hpp": 90,
           "webhook/commands/nodes_command.cpp": None}


class Cost:
    """CPU and wall time of what runs inside `with`."""

    def __enter__(self):
        self.began, self.before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        return self

    def __exit__(self, *_):
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.wall = time.monotonic() - self.began
        self.cpu = (after.ru_utime - self.before.ru_utime) + (after.ru_stime - self.before.ru_stime)


def copy_sources(target: pathlib.Path):
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"],
                            check=True, stdout=subprocess.PIPE).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def run(command, log: pathlib.Path):
    with log.open("ab") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False,
                              env={**os.environ, "CCACHE_DISABLE": "1"})
    if done.returncode != 0:
        sys.stderr.write(log.read_text(errors="replace")[-4000:])
        sys.exit(f"bench: {' '.join(map(str, command))} ended with {done.returncode}; whole log: {log}")


def build(sources: pathlib.Path, preset: str, jobs: int, log: pathlib.Path):
    run(["cmake", "--build", sources / "build" / preset, "-j", str(jobs), "--target", *TARGETS[preset]], log)


def cold(sources: pathlib.Path, preset: str, jobs: int, log: pathlib.Path) -> Cost:
    with Cost() as cost:
        run(["cmake", "-S", sources, "--preset", preset, "-B", sources / "build" / preset], log)
        build(sources, preset, jobs, log)
    return cost


def rebuilt(sources: pathlib.Path, changed: str, jobs: int, log: pathlib.Path) -> Cost:
    with (sources / changed).open("a", encoding="utf-8") as file:
        file.write("static_assert(sizeof(int) == 4);\n")
    with Cost() as cost:
        build(sources, "release", jobs, log)
        run([sys.executable, sources / "examples/demo.py",
             sources / "build/release/webhook/cvm-webhook"], log)
    return cost


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", required=True, type=pathlib.Path, help="a folder that is emptied first")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("presets", nargs="*", metavar="PRESET", help=", ".join(TARGETS))
    arguments = parser.parse_args()
    presets = arguments.presets or list(TARGETS)
    if unknown := set(presets) - set(TARGETS):
        sys.exit(f"bench: no preset {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")

    shutil.rmtree(arguments.work, ignore_errors=True)
    sources = arguments.work.resolve() / "src"
    sources.mkdir(parents=True)
    copy_sources(sources)
    log = arguments.work.resolve() / "log"
    good = True
    print(f"\n| cold build, {arguments.jobs} jobs | CPU, s | wall, s |\n| --- | --: | --: |", flush=True)
    for preset in presets:
        cost = cold(sources, preset, arguments.jobs, log)
        print(f"| `{preset}` | {cost.cpu:.0f} | {cost.wall:.0f} |", flush=True)
        good = good and (preset != "release" or cost.cpu <= MOST_RELEASE_CPU)
    if "release" in presets:
        print("\n| release and demo after one changed line in | CPU, s | wall, s | bound |\n"
              "| --- | --: | --: | --: |", flush=True)
        build(sources, "release", arguments.jobs, log)
        for changed, most in CHANGES.items():
            cost = rebuilt(sources, changed, arguments.jobs, log)
            print(f"| `{changed}` | {cost.cpu:.0f} | {cost.wall:.0f} | {most or ''} |", flush=True)
            good = good and (most is None or cost.wall <= most)
        print(f"\nrelease: at most {MOST_RELEASE_CPU} s of CPU: {'held' if good else 'see above, MISSED'}")
    shutil.rmtree(arguments.work)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
