"""clang-tidy over the sources of a finished build, skipping what was clean before.

A source is checked again when it, one of the project's headers that it includes, its compile
command, a .clang-tidy or clang-tidy itself changed. What was clean is remembered in build/lint.

usage: tidy.py --build DIR [FILE...]     FILEs: only these sources
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIDY = "clang-tidy-19"
STAMPS = ROOT / "build" / "lint"
CONFIGS = (ROOT / ".clang-tidy", ROOT / "tests" / ".clang-tidy", pathlib.Path(__file__))


def dependencies(build):
    """Object file, as ninja names it -> the project's files that it was compiled from."""
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    found, current = {}, None
    for line in listing.splitlines():
        if line and not line.startswith(" "):
            current = found.setdefault(line.split(":", 1)[0], [])
        elif line.strip() and current is not None:
            path = pathlib.Path(os.path.normpath(os.path.join(build, line.strip())))
            if path.is_relative_to(ROOT):
                current.append(path)
    return found


def key_of(entry, files, version):
    digest = hashlib.sha256(version)
    for config in CONFIGS:
        digest.update(config.read_bytes())
    digest.update(entry["command"].encode())
    for file in sorted(files):
        digest.update(str(file.relative_to(ROOT)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def check(build, entry):
    # A file that unites others lies in the build, out of sight of tests/.clang-tidy.
    path = os.path.relpath(entry["file"], build)
    checks = ["--checks=-performance-*"] if path.startswith("tests" + os.sep) else []
    # The commands are g++'s; Clang knows neither all of its warnings nor its sanitizers' options.
    run = subprocess.run([TIDY, "--quiet", "-p", build, *checks, "--extra-arg=-Wno-unknown-warning-option",
                          "--extra-arg=-Wno-error",
                          # dtl has a template that only g++ takes, as long as nobody uses it.
                          "--extra-arg=-fdelayed-template-parsing", entry["file"]], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    noise = ("warnings generated", "warning generated", "Suppressed", "Use -header-filter")
    errors = [line for line in run.stderr.splitlines() if not any(word in line for word in noise)]
    return run.returncode == 0, (run.stdout + "\n".join(errors)).strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    build = os.path.abspath(arguments.build)
    wanted = {os.path.abspath(file) for file in arguments.files}
    commands = json.loads(pathlib.Path(build, "compile_commands.json").read_text(encoding="utf-8"))
    deps = dependencies(build)
    version = subprocess.run([TIDY, "--version"], check=True, stdout=subprocess.PIPE).stdout
    STAMPS.mkdir(parents=True, exist_ok=True)

    todo, known = [], False
    for entry in commands:
        source = pathlib.Path(entry["file"])
        # Boost's own sources are not ours to check.
        if source.name == "boost_compiled.cpp":
            continue
        # A unity build compiles a file that includes those of a folder.
        files = {source, *deps.get(entry.get("output", ""), [])}
        if wanted and not wanted & set(map(str, files)):
            continue
        known = True
        stamp = STAMPS / key_of(entry, files, version)
        if not stamp.exists():
            todo.append((entry, stamp))
    if wanted and not known:
        sys.exit(f"tidy: none of {', '.join(arguments.files)} is compiled in {arguments.build}")
    print(f"{len(todo)} of {len(commands)} compiled files to check", flush=True)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(check, build, entry): (entry, stamp) for entry, stamp in todo}
        for done in concurrent.futures.as_completed(runs):
            entry, stamp = runs[done]
            clean, text = done.result()
            if clean:
                stamp.touch()
            else:
                failed += 1
                print(f"{os.path.relpath(entry['file'], ROOT)}:\n{text}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
