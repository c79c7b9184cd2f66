"""The examples of every command's help do what they say."""

import re
import shutil
import signal
import subprocess
import time

import pytest

# Stands for kubectl where an example asks a cluster for something.
KUBECTL = """#!/bin/sh
case "$*" in
  *"get nodes -o "*) cat nodes.yaml ;;
  "get nodes,namespaces,"*) cat dump.yaml ;;
  *"get configmap "*) cat settings.yaml ;;
  *"get secret "*) base64 tls/tls.crt ;;
  "apply -f -") cat >/dev/null ;;
  *) echo "kubectl: unexpected: $*" >&2; exit 1 ;;
esac
"""
# These ask a cluster themselves, or run until they are told to end.
NEED_A_CLUSTER = ("--in-cluster", "--kubeconfig")


def examples_of(help_text: str) -> list[str]:
    """Each example as one command, without comments."""
    found, pending = [], ""
    for line in help_text.split("Examples:\n", 1)[1].splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        pending = f"{pending} {line}".strip()
        if pending.endswith("\\"):
            pending = pending[:-1]
        elif not pending.endswith("|"):
            found.append(pending)
            pending = ""
    assert not pending
    return found


@pytest.fixture
def place(tmp_path, root, program, path_with_program):
    """A folder with the files that examples name."""
    folder = tmp_path / "work"
    (folder / "tls").mkdir(parents=True)
    for name, source in {"pod.yaml": "examples/workspace.yaml", "workspaces.yaml": "examples/workspace.yaml",
                         "new-pod.yaml": "examples/workspace.yaml", "dump.yaml": "examples/cluster.yaml",
                         "nodes.yaml": "examples/nodes.yaml", "settings.yaml": "examples/settings.yaml"}.items():
        shutil.copy(root / source, folder / name)
    with open(folder / "settings.yaml", "a", encoding="utf-8") as settings:
        settings.write("profiles: [{name: gpu, settings: {caching: false}}]\n")
    (folder / "new.yaml").write_text("apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\ncaching: true\n")
    shutil.copytree(root / "tests/data/recordings", folder / "recorded")
    for suites in ("examples", "tests/policies"):
        shutil.copytree(root / suites, folder / suites, ignore=shutil.ignore_patterns("*.cpp", "*.hpp", "*.txt", "*.py"))
    tools = tmp_path / "bin"
    (tools / "kubectl").write_text(KUBECTL)
    (tools / "helm").write_text("#!/bin/sh\ncat pod.yaml\n")
    for name in ("kubectl", "helm"):
        (tools / name).chmod(0o755)
    environment = {"PATH": path_with_program, "HOME": str(tmp_path)}
    (tmp_path / ".config/fish/completions").mkdir(parents=True)
    program.run("certs", "issue", "--dir", str(folder / "tls"), "--dns", "localhost")
    return folder, environment


def run(command, folder, environment) -> subprocess.CompletedProcess:
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, env=environment, timeout=60,
                          capture_output=True, text=True, check=False)


def runs_until(command, word, end, folder, environment):
    """Starts what does not end by itself, waits until it says the word, and ends it."""
    log = folder / "log"
    with log.open("w") as out, subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=folder,
                                                env=environment, stdout=out, stderr=out) as server:
        try:
            until = time.monotonic() + 30
            while word not in log.read_text() and server.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            assert server.poll() is None and word in log.read_text(), log.read_text()
            server.send_signal(end)
            assert server.wait(timeout=60) == 0, log.read_text()
        finally:
            if server.poll() is None:
                server.kill()


def test_every_command_has_examples(program, commands):
    for command in commands:
        assert examples_of(program.run(*command, "--help")), command


def test_examples_do_what_they_say(program, commands, place):
    folder, environment = place
    count = 0
    for command in commands:
        for example in examples_of(program.run(*command, "--help")):
            assert f"cvm-webhook {' '.join(command)}" in example, example
            if any(word in example for word in NEED_A_CLUSTER):
                continue
            count += 1
            if command == ("serve",):
                # As Kubernetes would end it.
                runs_until(f"{example} --drain-delay 0s", "listen", signal.SIGTERM, folder, environment)
                continue
            if "--watch" in example:
                runs_until(example, "passed", signal.SIGINT, folder, environment)
                continue
            if "certs issue" in example and "--force" not in example:
                shutil.rmtree(folder / "tls")
            if "defaults > settings.yaml" in example:
                example = example.replace("settings.yaml", "new.yaml")
            if "completion zsh" in example:
                if not shutil.which("zsh"):
                    continue
                example = f"zsh -fc 'autoload -U compinit; compinit -D; {example}'"
            done = run(example, folder, environment)
            # 1: a pod is refused or a check fails, which is an answer.
            allowed = {0, 1} if {"doctor", "eval", "nodes", "replay"} & set(command) else {0}
            assert done.returncode in allowed, f"{example}: {done.stderr}"
            assert not re.search(r"unexpected|not found|No such file", done.stderr), done.stderr
    assert count > 15


def test_no_command_colours_what_is_no_terminal(program, commands, place):
    folder, environment = place
    for command in commands:
        if command == ("serve",):
            continue
        for example in examples_of(program.run(*command, "--help")):
            if not any(word in example for word in (*NEED_A_CLUSTER, "certs issue", "completion zsh", "--watch")):
                done = run(example, folder, {**environment, "TERM": "xterm"})
                assert "\x1b[" not in done.stdout + done.stderr, example


# Stands for the program and lets it write to a disk that is full, or into a pipe nobody reads.
ELSEWHERE = """#!/bin/bash
result=$(mktemp -p "$RESULTS")
exec 3> {output}
{program} "$@" 2>"$result" >&3
status=$?
echo "$status $*" >>"$result"
exit $status
"""


def results_elsewhere(program, commands, place, tmp_path, output) -> list[tuple[str, int, str]]:
    """(arguments, status, standard error) of every call that an example makes, and of every --help."""
    folder, environment = place
    results = tmp_path / "results"
    results.mkdir()
    stand_in = tmp_path / "bin/cvm-webhook"
    stand_in.unlink()
    stand_in.write_text(ELSEWHERE.format(program=program.path, output=output))
    stand_in.chmod(0o755)
    calls = [f"cvm-webhook {' '.join(command)} --help" for command in commands]
    calls += ["cvm-webhook --help", "cvm-webhook --version", "cvm-webhook __complete ''"]
    for command in commands:
        calls += [example for example in examples_of(program.run(*command, "--help"))
                  if command != ("serve",) and "<(" not in example  # a shell does not wait for these
                  and not any(word in example for word in NEED_A_CLUSTER)]
    for call in calls:
        shutil.rmtree(folder / "written", ignore_errors=True)
        run(call.replace("--dir tls", "--dir written --force"), folder, {**environment, "RESULTS": str(results)})
    found = []
    for file in results.iterdir():
        *message, last = file.read_text().splitlines(keepends=True)
        status, arguments = last.rstrip("\n").split(" ", 1)
        found.append((arguments, int(status), "".join(message)))
    assert len(found) > 40
    return found


def has_output(arguments, error) -> bool:
    """A pod that is refused has no patch; and what should have come from another call did not."""
    is_object = "-o patch" in arguments or "-o yaml" in arguments
    return not (is_object and "refused" in error or "<stdin>" in error)


def test_output_that_cannot_be_written_is_a_failure(program, commands, place, tmp_path):
    for arguments, status, error in results_elsewhere(program, commands, place, tmp_path, "/dev/full"):
        assert status == 2, arguments
        if has_output(arguments, error):
            assert error.endswith("cvm-webhook: standard output: No space left on device\n"), (arguments, error)


def test_a_pipe_that_nobody_reads_ends_a_command_quietly(program, commands, place, tmp_path):
    for arguments, status, error in results_elsewhere(program, commands, place, tmp_path, ">(exec true); wait $!"):
        if has_output(arguments, error):
            assert status == 128 + signal.SIGPIPE, (arguments, error)
        assert "standard output" not in error
