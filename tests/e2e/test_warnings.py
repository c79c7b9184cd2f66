"""Warnings: the pod is created, and kubectl prints why the developer should look."""

import pytest
from harness.pods import workspace

GPU = {"resources": {"limits": {"nvidia.com/gpu": "1"}}}
CASES = {
    "gpu-beta": ({}, workspace(nodeSelector={"pool": "metal-gpu"}, container=GPU),
                 "NVIDIA GPUs in CVMs are a beta feature and work on bare metal nodes only; "),
    "tmp-mount": ({}, workspace(container={"volumeMounts": [{"name": "t", "mountPath": "/tmp/x"}]},
                                volumes=[{"name": "t", "emptyDir": {}}]),
                  'container "dev" mounts volume "t" at /tmp/x and files under /tmp '),
    "no-candidate-node": ({}, workspace(nodeSelector={"pool": "not-yet"}),
                          "no node of the cluster matches this pod's nodeName, "),
    "node-kernel": ({}, workspace(nodeSelector={"pool": "disputed-kernel"}),
                    "kernel 5.3.0-76-generic (Ubuntu 18.04) is supported by some of "),
    "host-namespaces": ({"rules": {"host-namespaces": "warn"}}, workspace(hostUsers=False),
                        "hostUsers is false and a CVM's supervisor must run in the node's user "),
}

# Levels and pods of which the validating call alone speaks.
LEVELS = {"isolation": {"podSecurity": {"enforce": "privileged", "warn": "restricted"}}}
CASES["pod-security-host-ports"] = (
    LEVELS, workspace(container={"ports": [{"containerPort": 80, "hostPort": 80}]}),
    'container "dev" takes port 80 of the node; remove hostPort, ')
CASES["pod-security-run-as-user"] = (
    LEVELS, workspace(securityContext={"runAsUser": 0}), "the pod sets runAsUser to 0, ")


@pytest.mark.parametrize("rule", CASES)
def test_kubectl_shows_the_warning_once_and_the_pod_is_created(cluster, kubectl, namespace, rule):
    settings, pod, text = CASES[rule]
    cluster.use(settings)
    outcome = kubectl.create(namespace, pod)
    assert outcome.ok, outcome.stderr
    warnings = [line for line in outcome.stderr.splitlines() if f"cvm/{rule}:" in line]
    # kubectl prints equal warnings of several webhooks once.
    assert len(warnings) == 1, outcome.stderr
    assert warnings[0].startswith(f"Warning: cvm/{rule}: {text}")
    # Kubernetes wants at most 256 bytes, the prefix "Warning: " is kubectl's.
    assert len(warnings[0].removeprefix("Warning: ").encode()) <= 256
    assert kubectl.get("pod", "dev", "-n", namespace)["spec"]["runtimeClassName"] == "cvm"


def test_what_the_policies_refuse_cannot_be_made_milder(cluster, kubectl, namespace):
    """They do not read the settings: a namespace of the node leads past every supervisor."""
    cluster.use({"rules": {"host-namespaces": "warn"}})
    outcome = kubectl.create(namespace, workspace(hostIPC=True))
    assert outcome.stderr.startswith("Warning: cvm/host-namespaces: hostIPC is true and a CVM ")
    assert not outcome.ok
    assert "ValidatingAdmissionPolicy 'cvm-webhook-isolation' with binding" in outcome.stderr


def test_an_ordinary_workspace_gets_no_warning(kubectl, namespace, webhook):
    outcome = kubectl.create(namespace, workspace(nodeSelector={"pool": "cvm"}))
    assert (outcome.code, outcome.stderr) == (0, "")
