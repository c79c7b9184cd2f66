"""What runs on the node: a pod that is no CVM, each row of the host path table in each placement, mode native."""

import time

import pytest
from harness.fleet import Wanted
from harness.placements import PLACEMENTS, each, missing, profile
from harness.standins import WORKSPACE
from harness.workspaces import RESOURCES, limited, of_coder, workspace

READ_ONLY, READ_WRITE = False, True  # whether the supervisor can write there
CACHE = {"/host/var/run": READ_ONLY, "/host/var/lib": READ_WRITE}
# The prefix of the profiles, and what the supervisor gets of the node.
ROWS = {
    "": {"/usr/src": READ_ONLY, "/lib/modules": READ_ONLY},
    "cached": {"/usr/src": READ_ONLY, "/lib/modules": READ_ONLY, **CACHE},
    "shiftfs": {"/usr/src": READ_WRITE, "/lib/modules": READ_WRITE, **CACHE},
}


def _name(row: str, placement: str) -> str:
    return f"row-{row or 'off'}-{placement}"


OTHER = {
    "name": "other", "image": WORKSPACE, "resources": RESOURCES, "volumeMounts": [{"name": "home", "mountPath": "/shared"}],
    "command": ["sh", "-c", "while sleep 1; do touch /shared/other 2>/dev/null && echo wrote || echo denied; done"]}


def _shared() -> dict:
    pod = of_coder()
    pod["spec"]["containers"].append(OTHER)
    return pod


EVERY = [(row, placement) for row in ROWS for placement in PLACEMENTS]
WANTED = {
    "plain": Wanted(None, workspace()),
    "native": Wanted("native", workspace()),
    "coder-wrap": Wanted("wrap", of_coder()),
    "shared-wrap": Wanted("wrap", _shared()),
    **{_name(row, placement): Wanted(profile(row, placement), workspace()) for row, placement in EVERY},
    **{f"limited-{placement}": Wanted(profile("", placement), limited("500m", "256Mi"))
       for placement in PLACEMENTS},
}


def _line(text: str, word: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(word))


def test_a_plain_pod_is_ready(fleet):
    pod = fleet["plain"].ready()
    assert [item["name"] for item in pod["spec"]["containers"]] == ["dev"]
    assert "map 0 0 4294967295" in fleet["plain"].log("dev")


def test_native_runs_in_a_user_namespace_with_its_volume_and_token(fleet):
    pod = fleet["native"].ready()
    assert pod["spec"]["hostUsers"] is False and pod["spec"]["runtimeClassName"] == "sysbox-runc"
    log = fleet["native"].log("dev")
    inside, outside, length = map(int, _line(log, "map").split()[1:])
    assert inside == 0 and outside >= 65536 and length >= 65536
    assert "home 0:0:777" in log, "the volume's owner is root inside too"
    assert "token" in log.split()


@pytest.mark.parametrize("row, placement", [pytest.param(*case, id=_name(*case)) for case in EVERY])
def test_a_cvm_is_ready_with_its_row_of_the_host_path_table(fleet, row, placement):
    cvm = fleet[_name(row, placement)]
    cvm.ready()
    report = cvm.report()
    for path, writable in ROWS[row].items():
        assert report["writable"][path] is writable, path
    # Nothing of the node below a read-only directory can be written, such as other pods' roots.
    for mount in report["mounts"]:
        above = [path for path, writable in ROWS[row].items()
                 if not writable and mount["path"].startswith(f"{path}/")]
        assert not above or mount["access"] == "ro", mount
    # Its own directories are its own.
    own = [mount for mount in report["mounts"] if mount["path"] in ("/run", "/var/run", "/var/lib")]
    assert own == []


@pytest.mark.parametrize("placement", ["sidecar", "container"])
def test_the_supervisor_has_no_token(fleet, placement):
    cvm = fleet[_name("", placement)]
    cvm.ready()
    assert cvm.report()["token"] is False
    assert "token" in cvm.log("dev").split(), "the workspace keeps its own"


def test_wrap_gives_the_workspace_its_token_and_its_volume(fleet):
    cvm = fleet[_name("", "wrap")]
    cvm.ready()
    assert cvm.inside("ls", "/var/run/secrets/kubernetes.io/serviceaccount").split() == ["ca.crt", "namespace", "token"]
    assert cvm.inside("stat", "-c", "%u:%g", "/home/coder").strip() == "0:0"
    assert cvm.inside("cat", "/proc/self/uid_map").split() == ["0", "100000", "65536"]


def test_wrap_runs_as_the_user_of_the_pod(fleet):
    cvm = fleet["coder-wrap"]
    cvm.ready()
    assert "uid 1000" in cvm.log()
    assert "home 1000:1000" in cvm.log()


@missing("denied, unwarned: the supervisor gives the volume's top directory to the inner user, mode 2755")
def test_a_volume_that_wrap_shares_stays_writable_or_is_warned_of(fleet):
    cvm = fleet["shared-wrap"]
    cvm.ready()
    time.sleep(max(0.0, 10 - cvm.age()))  # the other container tries every second
    assert cvm.log("other").split()[-1] == "wrote" or '"home"' in cvm.warnings


@each()
def test_a_workspace_with_half_a_cpu_and_little_memory_is_ready(fleet, placement):
    fleet[f"limited-{placement}"].ready()
