"""Cached CVMs: two on one node share nothing, one that is made anew finds its images, the node's Sysbox is left alone."""

from harness.fleet import Wanted
from harness.placements import PLACEMENTS, each, profile
from harness.workspaces import workspace

WANTED = {f"cached-{placement}-{which}": Wanted(profile("cached", placement), workspace())
          for placement in PLACEMENTS for which in ("first", "second")}


@each()
def test_two_cached_cvms_of_a_node_share_no_directory(fleet, placement):
    first, second = (fleet[f"cached-{placement}-{which}"] for which in ("first", "second"))
    first.ready()
    second.ready()

    def directories(cvm) -> set:
        # Where the supervisor's own directories are on the node.
        return {mount["root"] for mount in cvm.report()["mounts"]
                if mount["path"] in ("/var/lib/docker", "/var/lib/sysbox", "/var/lib/coder/docker",
                                     "/var/lib/coder/containers", "/var/lib/containers")}
    assert len(directories(first)) == len(directories(second)) == 5
    assert not directories(first) & directories(second)


@each()
def test_the_nodes_own_sysbox_is_left_alone(fleet, node, placement):
    fleet[f"cached-{placement}-first"].ready()
    assert node.machine.run("ls", "/var/lib/sysbox").split() == ["of-the-node"]


@each()
def test_a_cached_cvm_that_is_made_anew_finds_what_it_kept(fleet, placement):
    cvm = fleet[f"cached-{placement}-second"]
    cvm.ready()
    cvm.inside("touch", "/var/lib/docker/kept")
    cvm.delete()
    cvm.create()
    cvm.ready()
    assert "kept" in cvm.inside("ls", "/var/lib/docker").split()


