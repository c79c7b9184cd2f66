"""A CVM that does not start, or ends, shows in its pod: it is not ready, and says why."""

import time

from harness.fleet import Wanted
from harness.placements import PLACEMENTS, each, missing, profile
from harness.processes import wait_for
from harness.standins import FAILURE, NO_GETENT
from harness.workspaces import workspace

WANTED = {
    **{f"{kind}-{placement}": Wanted(profile(kind, placement), workspace())
       for kind in ("failing", "stuck") for placement in PLACEMENTS},
    "ends-wrap": Wanted("wrap", workspace("echo up; sleep 3; exit 3")),
    "no-getent": Wanted("wrap", workspace(image=NO_GETENT)),
}


def _has_started(status: dict) -> bool:
    return "waiting" not in status["state"] or status["restartCount"] > 0


@each(sidecar="the workspace container runs beside the supervisor that crashes")
def test_a_supervisor_that_ends_leaves_the_pod_not_ready(fleet, placement):
    cvm = fleet[f"failing-{placement}"]
    wait_for("the pod to say why and not to be ready", lambda: (
        FAILURE in cvm.messages() and not cvm.is_ready()), timeout=40, interval=0.3)
    if placement == "sidecar":
        assert not _has_started(cvm.statuses()["dev"]), "the workspace starts only beside a CVM"


@each(**{name: "the pod is Ready: nothing asks the supervisor" for name in PLACEMENTS})
def test_a_supervisor_without_a_cvm_leaves_the_pod_not_ready(fleet, placement):
    cvm = fleet[f"stuck-{placement}"]
    cvm.tried()
    time.sleep(max(0.0, 10 - cvm.age()))  # a pod that is not asked anything is ready long before
    assert not cvm.is_ready()
    wait_for("an event that says why", lambda: any(
        item["reason"] == "Unhealthy" for item in cvm.events()), timeout=10, interval=0.3)
    if placement == "sidecar":
        assert not _has_started(cvm.statuses()["dev"])


@missing("the pod stays Ready: envbox goes on when the inner process ends")
def test_the_end_of_the_workspaces_command_shows_in_a_wrapped_pod(fleet):
    cvm = fleet["ends-wrap"]
    cvm.tried()
    wait_for("the end of the command to show", lambda: (
        not cvm.is_ready() or cvm.statuses()["dev"]["restartCount"] > 0),
        timeout=max(5, 30 - cvm.age()), interval=0.3)


def test_an_image_without_getent_says_so_in_the_pod(fleet):
    cvm = fleet["no-getent"]
    wait_for("the pod to say why and not to be ready", lambda: (
        "getent" in cvm.messages() and not cvm.is_ready()), timeout=40, interval=0.3)
