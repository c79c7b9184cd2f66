"""Placements sidecar and container: a Docker engine in a CVM beside the workspace, which stays as it was."""

import pytest
from harness.fleet import Wanted
from harness.placements import missing, profile
from harness.processes import wait_for
from harness.workspaces import PROGRAM, of_coder

PROBE = "[ -S /run/cvm/docker.sock ] && echo engine at start; " + PROGRAM
BESIDE = ("sidecar", "container")
WANTED = {
    "beside-none": Wanted(None, of_coder()),
    **{f"beside-{placement}": Wanted(profile("", placement), of_coder(PROBE)) for placement in BESIDE},
}
each_beside = pytest.mark.parametrize("placement", [
    pytest.param(name, marks=missing("the supervisor is given no engine")) for name in BESIDE])


def _line(text: str, word: str) -> str:
    return next((line for line in text.splitlines() if line.startswith(word)), "")


def _docker_version(cvm) -> str:
    """As the developer asks, by exec, with the variables that the pod has."""
    return cvm.kubectl("exec", "dev", "-n", cvm.namespace, "-c", "dev", "--", "docker", "version")


@each_beside
def test_the_workspace_reaches_the_engine_as_its_user(fleet, placement):
    cvm = fleet[f"beside-{placement}"]
    cvm.ready()
    assert "stand-in" in _docker_version(cvm)
    assert cvm.in_container("dev", "stat", "-c", "%a:%g", "/run/cvm/docker.sock").strip() == "660:1000"


@pytest.mark.parametrize("placement", [pytest.param("sidecar", marks=missing(
    "nothing asks the supervisor, and there is no engine"))])
def test_the_workspace_starts_when_the_engine_answers(fleet, placement):
    cvm = fleet[f"beside-{placement}"]
    cvm.ready()
    assert "engine at start" in cvm.log("dev")


@each_beside
def test_the_workspaces_volume_keeps_its_owner_and_the_engine_sees_it(fleet, placement):
    cvm, alone = fleet[f"beside-{placement}"], fleet["beside-none"]
    alone.ready()
    cvm.ready()
    for word in ("uid", "map", "home"):
        assert _line(cvm.log("dev"), word) == _line(alone.log("dev"), word)
    assert cvm.inside("stat", "-c", "%u", "/home/coder/mine").strip() == "1000"


@each_beside
def test_the_workspace_cannot_become_root(fleet, placement):
    cvm = fleet[f"beside-{placement}"]
    dev = next(item for item in cvm.ready()["spec"]["containers"] if item["name"] == "dev")
    context = dev.get("securityContext", {})
    assert context.get("allowPrivilegeEscalation") is False
    assert not context.get("privileged")


@each_beside
def test_a_supervisor_that_is_restarted_takes_no_workspace_with_it(fleet, placement):
    cvm = fleet[f"beside-{placement}"]
    cvm.ready()
    cvm.kill("cvm-supervisor")
    wait_for("the supervisor to be back", lambda: (
        cvm.statuses()["cvm-supervisor"]["restartCount"] == 1 and cvm.is_ready()), timeout=30, interval=0.3)
    assert cvm.statuses()["dev"]["restartCount"] == 0
    assert "stand-in" in wait_for("the engine to answer again", lambda: _docker_version(cvm), interval=0.3)
