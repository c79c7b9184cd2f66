"""Pods end as pods do: a Job's with its command, and a deleted one within its grace period."""

import subprocess
import time

from harness.fleet import Wanted
from harness.placements import PLACEMENTS, each, missing, profile
from harness.workspaces import job, workspace

GRACE = 20
WANTED = {
    **{f"job-{placement}": Wanted(profile("", placement), job("echo done")) for placement in PLACEMENTS},
    "job-that-fails": Wanted("wrap", job("echo no; exit 3")),
    **{f"deleted-{placement}": Wanted(
        profile("", placement), workspace(terminationGracePeriodSeconds=GRACE)) for placement in PLACEMENTS},
}


@each(container="the supervisor goes on, so the pod does", wrap="the supervisor goes on after the command")
def test_a_job_completes(fleet, placement):
    assert fleet[f"job-{placement}"].finished(within=30) == "Succeeded"


@missing("the supervisor goes on after the command")
def test_a_wrapped_job_fails_with_its_commands_exit_code(fleet):
    work = fleet["job-that-fails"]
    assert work.finished(within=30) == "Failed"
    assert work.statuses()["dev"]["state"]["terminated"]["exitCode"] == 3


@each()
def test_a_deleted_cvm_ends_in_good_order_within_its_grace_period(fleet, node, placement):
    cvm = fleet[f"deleted-{placement}"]
    cvm.ready()
    following = subprocess.Popen(
        [node.kubectl.binary, "logs", "--follow", "dev", "-n", cvm.namespace, "-c", "dev"],
        stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    seconds = cvm.delete()
    log, _ = following.communicate(timeout=10)
    assert "ended" in log.split(), "the workspace's command was told to end, and did"
    assert seconds < GRACE
