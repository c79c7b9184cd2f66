"""One cluster, three ways to run a CVM: beside the workspace, around it, and by the node's Sysbox."""

import pytest
from harness import manifests, policies
from harness.cluster import WORKSPACES
from harness.nodes import node, register
from harness.pods import supervisor_of, workspace
from harness.processes import wait_for

SAMPLE = manifests.BASE.parent / "samples" / "runtimeclass-sysbox.yaml"
PROFILE = "cvm-webhook.io/profile"
SYSBOX = {"sysbox-runtime": "running"}
NODES = [node("sysbox-1", "sysbox", labels=SYSBOX), node("sysbox-2", "sysbox", labels=SYSBOX),
         node("bug-1", "bug", labels=SYSBOX, runtime="containerd://2.0.3")]
SETTINGS = {"profiles": [
    {"name": "coder", "settings": {"supervisor": {"placement": "wrap"}}},
    {"name": "native", "chosenBy": ["pod"], "settings": {"mode": "native"}},
]}
AS_WITHOUT_A_WEBHOOK = "does not have a host assigned"


@pytest.fixture(scope="module")
def mixed(new_cluster):
    with new_cluster() as cluster:
        kubectl = cluster.kubectl
        register(kubectl, NODES)
        kubectl("apply", "-f", SAMPLE)
        with policies.changed_parameters(kubectl, placement="wrap"):
            cluster.use(SETTINGS)
            yield cluster


def team(mixed, **labels) -> str:
    mixed.use(SETTINGS)
    namespace = mixed.new_namespace({**WORKSPACES, **{PROFILE: name for name in labels.values()}})
    wait_for("pods to be made there", lambda: mixed.kubectl.create(
        namespace, made_for("cvm"), "--dry-run=server").ok)
    return namespace


def made_for(pool: str, **metadata) -> dict:
    return workspace(container={"command": ["sleep", "infinity"], "securityContext": {"runAsUser": 1000}},
                     nodeSelector={"pool": pool}, schedulerName="nobody", **metadata)


def entered(mixed, namespace: str, *arguments) -> str:
    return mixed.kubectl.try_run("exec", "-n", namespace, *arguments, "--", "id").stderr


def test_each_pod_is_made_in_the_way_that_is_chosen_for_it(mixed):
    kubectl = mixed.kubectl
    plain, coder = team(mixed), team(mixed, profile="coder")
    beside = kubectl.created(plain, made_for("cvm"))
    assert supervisor_of(beside)["restartPolicy"] == "Always"
    assert AS_WITHOUT_A_WEBHOOK in entered(mixed, plain, "dev", "-c", "dev")
    assert "cvm/supervisor-access" in entered(mixed, plain, "dev", "-c", "cvm-supervisor")

    around = kubectl.created(coder, made_for("cvm"))
    assert around["metadata"]["annotations"]["cvm-webhook.io/supervisor"] == "dev"
    assert around["metadata"]["annotations"][PROFILE] == "coder"
    assert not supervisor_of(around)
    assert "cvm/supervisor-access" in entered(mixed, coder, "dev")

    native = made_for("sysbox", labels={PROFILE: "native"})
    native["metadata"]["name"] = "native"
    stored = kubectl.created(plain, native)
    assert (stored["spec"]["runtimeClassName"], stored["spec"]["hostUsers"]) == ("sysbox-runc", False)
    assert not supervisor_of(stored)
    assert AS_WITHOUT_A_WEBHOOK in entered(mixed, plain, "native")
    for namespace, name in ((plain, "dev"), (coder, "dev"), (plain, "native")):
        outcome = kubectl.try_run("label", "-n", namespace, f"pod/{name}", "still=changeable")
        assert outcome.ok, outcome.stderr


def test_nodes_are_judged_by_the_way_of_each_pod(mixed):
    namespace = team(mixed)
    outcome = mixed.kubectl.create(namespace, made_for("bug", labels={PROFILE: "native"}))
    assert "cvm/node-user-namespaces" in outcome.stderr, outcome.stderr
    outcome = mixed.kubectl.create(namespace, made_for("bug"))
    assert outcome.ok, "a node with Sysbox can host a supervisor, too: " + outcome.stderr


def test_nobody_chooses_what_is_for_namespaces(mixed):
    namespace = team(mixed)
    outcome = mixed.kubectl.create(namespace, made_for("cvm", labels={PROFILE: "coder"}))
    assert "cvm/profile-choice" in outcome.stderr, outcome.stderr
