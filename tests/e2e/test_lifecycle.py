"""What changes under a running webhook: certificates, settings, nodes, replicas, the API server."""

import pytest
from harness import policies
from harness.load import Calls
from harness.manifests import set_ca_bundle
from harness.nodes import SELINUX_LABEL
from harness.pods import supervisor_of, workspace
from harness.processes import wait_for
from harness.webhook import Certificates

WATCHED = {"pool": "watched"}


@pytest.fixture
def instance(cluster):
    """An instance of the test's own, that it may change and end, alone behind the Service."""
    instance = cluster.webhooks.start()
    cluster.balancer.route_to(instance)
    yield instance
    instance.stop()


def test_certificates_are_replaced_while_calls_go_on(cluster, namespace, instance):
    certificates = cluster.webhooks.certificates
    with Calls(cluster.control_plane, namespace, workspace()) as calls:
        calls.wait_for_more(50)
        for _ in range(3):
            old = certificates.serial()
            certificates.renew()
            assert certificates.serial() != old
            instance.write_certificate(certificates.secret())
            wait_for("the new certificate",
                     lambda: instance.serving_serial() == certificates.serial())
            calls.wait_for_more(50)
    calls.assert_none_failed(at_least=200)


def test_the_ca_is_replaced_while_calls_go_on(cluster, kubectl, namespace, tmp_path):
    """The order that an administrator keeps: trust both, serve the new one, trust the new one."""
    old = Certificates.new_ca(cluster.binary, tmp_path / "old")
    new = Certificates.new_ca(cluster.binary, tmp_path / "new")
    cluster.balancer.route_to()
    instance = cluster.webhooks.start(certificates=old)
    try:
        set_ca_bundle(kubectl, old.ca)
        cluster.balancer.route_to(instance)
        wait_for("the API server to trust the old CA", lambda: kubectl.create(
            namespace, workspace(), "--dry-run=server").ok)
        with Calls(cluster.control_plane, namespace, workspace()) as calls:
            calls.wait_for_more(50)
            set_ca_bundle(kubectl, old.ca + new.ca)
            calls.wait_for_more(300)
            instance.trust(new.ca)
            instance.write_certificate(new.secret())
            wait_for("the new certificate", lambda: instance.serving_serial() == new.serial())
            calls.wait_for_more(50)
            set_ca_bundle(kubectl, new.ca)
            calls.wait_for_more(300)
        calls.assert_none_failed(at_least=700)
    finally:
        instance.stop()
        cluster.use()
        set_ca_bundle(kubectl, cluster.webhooks.certificates.ca)
        wait_for("the session's CA", lambda: kubectl.create(
            namespace, workspace(), "--dry-run=server").ok)


def test_a_certificate_without_its_key_is_not_served(cluster, kubectl, namespace, instance,
                                                    tmp_path):
    served = instance.serving_serial()
    other = Certificates.new_ca(cluster.binary, tmp_path / "other")
    instance.write_certificate({"tls.crt": other.secret()["tls.crt"],
                                "tls.key": cluster.webhooks.certificates.secret()["tls.key"]})
    wait_for("the complaint", lambda: [line for line in instance.log_lines()
                                       if line.get("level") in ("error", "warning", "warn")])
    assert instance.serving_serial() == served
    kubectl.created(namespace, workspace())


def test_settings_are_changed_while_calls_go_on(cluster, namespace, instance):
    """A pod that was mutated before a change and is validated after it is not refused."""
    images = [f"registry.example.com/envbox:{version}" for version in range(1, 6)]
    shipped = instance.settings["supervisor"]["image"]
    # The policies' parameters come first, as manifests/README.md says.
    with policies.supervisor_images(cluster.kubectl, namespace, shipped, *images), \
            Calls(cluster.control_plane, namespace, workspace()) as calls:
        calls.wait_for_more(50)
        for image in images:
            instance.settings["supervisor"]["image"] = image
            instance.write_settings(instance.settings)
            wait_for("the new image", lambda: supervisor_of(calls.last)["image"] == image)
            calls.wait_for_more(20)
    calls.assert_none_failed(at_least=150)


def test_broken_settings_leave_the_old_ones_in_force(cluster, kubectl, namespace, instance):
    instance.write_settings("apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\n"
                            "supervisor:\n  placment: container\n")
    told = wait_for("the complaint", lambda: [
        line for line in instance.log_lines() if "placment" in str(line)])
    assert "did you mean placement?" in str(told[0])
    assert supervisor_of(kubectl.created(namespace, workspace()))["restartPolicy"] == "Always"
    status, detail = instance.ops("/readyz?verbose")
    assert status == 200, "old settings are good settings"
    assert "placment" in detail

    instance.settings["supervisor"]["placement"] = "container"
    instance.write_settings(instance.settings)
    wait_for("the mended settings", lambda: "restartPolicy" not in supervisor_of(
        kubectl.created(namespace, workspace("mended"), "--dry-run=server")))


def test_sigterm_under_load_fails_no_call_while_another_instance_stands(cluster, namespace,
                                                                       instance):
    second = cluster.webhooks.start()
    try:
        cluster.balancer.route_to(instance, second)
        with Calls(cluster.control_plane, namespace, workspace(), clients=6) as calls:
            wait_for("calls to both", lambda: cluster.balancer.connections_to(instance)
                     and cluster.balancer.connections_to(second))
            calls.wait_for_more(100)
            instance.process.terminate()
            wait_for("the instance to be unready", lambda: instance.ops("/readyz")[0] == 503)
            assert instance.process.running(), "it serves on while others learn of it"
            calls.wait_for_more(50)
            assert instance.process.wait(timeout=30) == 0
            calls.wait_for_more(100)
        calls.assert_none_failed(at_least=250)
    finally:
        second.stop()


def test_a_replica_that_joins_takes_over_from_one_that_leaves(cluster, namespace, instance):
    """A rolling update: maxSurge 1, maxUnavailable 0."""
    current = instance
    with Calls(cluster.control_plane, namespace, workspace()) as calls:
        calls.wait_for_more(50)
        for _ in range(2):
            following = cluster.webhooks.start()
            cluster.balancer.add(following)
            current.process.terminate()
            assert current.process.wait(timeout=30) == 0
            cluster.balancer.forget(current)
            calls.wait_for_more(50)
            current = following
    current.stop()
    calls.assert_none_failed(at_least=150)


def test_a_change_of_a_node_is_seen(kubectl, namespace, webhook):
    pod = workspace(nodeSelector=WATCHED)
    assert "cvm/node-selinux" in kubectl.create(namespace, pod).stderr
    kubectl("label", "node", "watched-1", f"{SELINUX_LABEL}=false", "--overwrite")
    try:
        wait_for("the node's verdict to change", lambda: kubectl.create(
            namespace, pod, "--dry-run=server").ok)
    finally:
        kubectl("label", "node", "watched-1", f"{SELINUX_LABEL}=true", "--overwrite")
    wait_for("the node's verdict to change back", lambda: "cvm/node-selinux" in kubectl.create(
        namespace, pod, "--dry-run=server").stderr)


def test_the_watch_recovers_when_the_api_server_restarts(cluster, kubectl, namespace, webhook):
    pod = workspace(nodeSelector=WATCHED)
    assert "cvm/node-selinux" in kubectl.create(namespace, pod).stderr
    cluster.control_plane.restart_api_server()
    assert webhook.ops("/readyz")[0] == 200, "what is known of nodes is still good"
    kubectl("label", "node", "watched-1", f"{SELINUX_LABEL}=false", "--overwrite")
    try:
        wait_for("the node's verdict to change", lambda: kubectl.create(
            namespace, pod, "--dry-run=server").ok, timeout=60)
    finally:
        kubectl("label", "node", "watched-1", f"{SELINUX_LABEL}=true", "--overwrite")
    wait_for("the node's verdict to change back", lambda: "cvm/node-selinux" in kubectl.create(
        namespace, pod, "--dry-run=server").stderr)
