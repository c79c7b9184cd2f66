"""`completion`: real shells complete real command lines."""

import json
import os
import shutil
import subprocess

import pytest

NODE_RULES = ["node-architecture", "node-binding", "node-id-mapping", "node-kernel",
              "node-kubernetes-version", "node-os", "node-selinux", "node-shiftfs", "node-sysbox",
              "node-user-namespaces"]
# A command line up to the cursor, and what may come there; files of the folder are a.yaml and b.yaml.
LINES = [
    ("cvm-webhook ev", ["eval"]),
    ("cvm-webhook rules ", ["explain", "list"]),
    ("cvm-webhook rules explain node-", NODE_RULES),
    ("cvm-webhook rules list -o ", ["json", "markdown", "table"]),
    ("cvm-webhook eval --col", ["--color"]),
    ("cvm-webhook eval --color a", ["always", "auto"]),
    ("cvm-webhook eval --color=a", ["always", "auto"]),
    ("cvm-webhook eval -f a", ["a.yaml"]),
    ("cvm-webhook eval --settings=b", ["b.yaml"]),
    ("cvm-webhook nodes --nodes a.yaml --kube", ["--kubeconfig"]),
    ("cvm-webhook config check a.yaml ", ["a.yaml", "b.yaml"]),
    ("cvm-webhook config check ", ["a.yaml", "b.yaml"]),
    ("cvm-webhook completion ", ["bash", "fish", "zsh"]),
    ("kubectl-cvm rules explain mirr", ["mirror-pod"]),
]


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "work"
    place.mkdir()
    for name in ("a.yaml", "b.yaml"):
        (place / name).touch()
    return place


def run_shell(command, folder, path, home) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=folder,
                          env={"PATH": path, "HOME": str(home), "TERM": "dumb"})
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


BASH = r"""
source <(cvm-webhook completion bash)
line=$1
# As readline splits it: "=" is a word.
read -ra COMP_WORDS <<<"${line//=/ = }"
[[ $line != *' ' ]] || COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line}
complete -p "${COMP_WORDS[0]}" >/dev/null || exit
compopt() { :; }
_cvm_webhook
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize("line, expected", LINES)
def test_bash(line, expected, folder, path_with_program, tmp_path):
    out = run_shell(["bash", "--norc", "-c", BASH, "-", line], folder, path_with_program, tmp_path)
    assert sorted(out.split()) == expected


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize("line, expected", LINES)
def test_fish(line, expected, folder, path_with_program, tmp_path):
    script = "cvm-webhook completion fish | source; complete -C $argv[1]"
    out = run_shell(["fish", "--no-config", "-c", script, line], folder, path_with_program, tmp_path)
    found = [entry.split("\t")[0].split("=")[-1] for entry in out.splitlines()]
    assert sorted(found) == expected


# A zsh that says what it would offer at ^X, and ends.
ZSHRC = r"""
autoload -Uz compinit; compinit -u -d $HOME/.zcompdump
source <(cvm-webhook completion zsh)
show() {
  compadd() {
    local -a got
    builtin compadd -O got "$@"
    (( $#got )) && print -l -- "{{"${^got}"}}"
    builtin compadd "$@"
  }
  zle complete-word
  print '{{}}'
  exit
}
zle -C complete-word list-choices _main_complete
zle -N show
bindkey '^X' show
PS1='[ready]' RPS1=
"""
# It runs on a terminal of its own, into which the line is typed.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -i
zpty -r shell text '*\[ready\]*'
zpty -n -w shell "$1"$'\x18'
zpty -r shell text '*{{}}*'
print -r -- $text
zpty -d shell
"""


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
@pytest.mark.parametrize("line, expected", LINES)
def test_zsh(line, expected, folder, path_with_program, tmp_path):
    (tmp_path / ".zshrc").write_text(ZSHRC)
    out = run_shell(["zsh", "-f", "-c", ZSH, "-", line], folder, path_with_program, tmp_path)
    found = {text.split("}}")[0].split("=")[-1] for text in out.split("{{")[1:]}
    assert sorted(found - {""}) == expected


def test_kubectl_is_answered_as_it_asks(program, path_with_program):
    """kubectl runs kubectl_complete-cvm with what stands after `kubectl cvm`."""
    def ask(*words):
        done = subprocess.run(["kubectl_complete-cvm", *words], capture_output=True, text=True, check=True,
                              env={"PATH": path_with_program})
        return done.stdout.splitlines()

    assert ask("nod") == ["nodes\tSay which nodes can host CVMs, and why others cannot", ":4"]
    assert ask("nodes", "--kubeconfig", "") == [":0"]
    assert ask("nodes", "--kubeconfig", "x", "--context", "") == [":4"]
    assert ask("rules", "explain", "mirror") == ["mirror-pod", ":4"]
    assert ask() == program.run("__complete", "").splitlines()


def test_an_option_is_not_offered_twice_unless_it_may_be(program):
    def options(*words):
        return [line.split("\t")[0] for line in program.run("__complete", *words, "--").splitlines()]

    assert "--nodes" not in options("eval", "--nodes", "x")
    assert "--dns" in options("certs", "issue", "--dns", "x")
    assert "--nodes" in options("nodes")


def test_what_is_wrong_completes_to_nothing(program):
    for words in (["what", ""], ["eval", "--what", ""], ["eval", "--what=", ""], ["--", "-x"], ["="]):
        assert program.call("__complete", *words).returncode == 0


def test_every_command_and_option_of_the_help_is_offered(program, commands):
    for command in commands:
        offered = {line.split("\t")[0] for line in program.run("__complete", *command, "-").splitlines()}
        shown = {word.strip(",") for line in program.run(*command, "--help").splitlines()
                 if line.startswith("  -") for word in line.split()[:1]}
        assert {name for names in shown for name in names.split(",")} <= offered, command


def test_rules_are_all_offered(program):
    offered = program.run("__complete", "rules", "explain", "").splitlines()[:-1]
    assert offered == [rule["id"] for rule in json.loads(program.run("rules", "list", "-o", "json"))]


def test_scripts_name_no_command(program, commands):
    """What they complete they ask for, so a script fits whatever version is installed."""
    for shell in ("bash", "zsh", "fish"):
        script = program.run("completion", shell)
        assert not [command for command in commands if f"cvm-webhook {' '.join(command)}" in script]
        assert os.path.basename(program.path) in script
