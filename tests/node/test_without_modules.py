"""A node that has no /lib/modules and no /usr/src, as small images of nodes have none."""

import pytest
from harness.fleet import Wanted
from harness.placements import PLACEMENTS, each, profile
from harness.workspaces import workspace


@pytest.fixture(scope="module")
def without_modules(fleet, node):
    fleet.end()  # a container that is started again would make the directories that it mounts
    node.machine.run("mv", "/usr/src", "/usr/src.away")
    node.machine.run("mv", "/usr/lib/modules", "/usr/lib/modules.away")
    fleet.make({f"bare-{placement}": Wanted(profile("", placement), workspace()) for placement in PLACEMENTS})
    yield fleet
    node.machine.run("sh", "-c", "rm -rf /usr/src /usr/lib/modules; mv /usr/src.away /usr/src;"
                                 "mv /usr/lib/modules.away /usr/lib/modules")


@each()
def test_a_cvm_is_ready(without_modules, placement):
    without_modules[f"bare-{placement}"].ready(within=20)
