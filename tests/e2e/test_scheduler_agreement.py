"""Which nodes a pod may land on: cvm-webhook's answer and kube-scheduler's, for generated pods.

The scheduler's answer is what it did with copies of each pod (harness/scheduler.py). Where the two
differ on purpose:
- A node that is not ready, unreachable, under pressure or cordoned is passed over by the scheduler
  for now; what it can host does not change by that, so it stays a candidate here. Each such node
  has a twin that is in order, and counts as the twin does.
- The webhook's own mark, cvm-webhook.io/cvm, is left out of selectors here: a node without it is
  to be named with its reason.
- What other pods leave of cpu, memory and devices, and other pods' affinities, are the scheduler's
  business alone; the pods here ask for nothing of the kind.
"""

import copy
import json
import subprocess

import pytest

from harness import generated_pods, scheduler, varied_nodes
from harness.api import Api

SEED = 4
PODS = 520
MARKED = 40  # pods that are also asked about with the webhook's mark in their selector
MOST_COPIES = 8  # with more candidates than this, some of them are looked at
WHOLE = 300  # pods of which every candidate must have been looked at, at least
DEVICES = 40  # pods that ask for extended resources, at least
COMPARED = 60  # pods that tolerate by the operators Gt and Lt, at least
MARK = "cvm-webhook.io/cvm"


def _stored(api: Api, namespace: str, pod: dict) -> dict:
    """The pod as the API server would store it: with its RuntimeClass and default tolerations."""
    answer = api("POST", f"/api/v1/namespaces/{namespace}/pods?dryRun=All", pod)
    assert "cvm-supervisor" not in json.dumps(answer), "the webhook was asked about these pods"
    return answer


def _asks_for_devices(pod: dict) -> bool:
    containers = pod["spec"]["containers"] + pod["spec"].get("initContainers", [])
    return any(item.get("resources") for item in containers)


def _tolerates_by_size(pod: dict) -> bool:
    return any(item.get("operator") in ("Gt", "Lt") for item in pod["spec"].get("tolerations", []))


def _with_mark(pod: dict) -> dict:
    marked = copy.deepcopy(pod)
    marked["metadata"]["name"] += "-marked"
    marked["spec"].setdefault("nodeSelector", {})[MARK] = "true"
    return marked


def _lean(item: dict, kind: str) -> dict:
    metadata = {key: value for key, value in item["metadata"].items() if key != "managedFields"}
    return {"apiVersion": "v1", "kind": kind, **item, "metadata": metadata}


def _documents(text: str) -> list[dict]:
    decoder, found, position = json.JSONDecoder(), [], 0
    while text := text[position:].lstrip():
        document, position = decoder.raw_decode(text)
        found.append(document)
    return found


def _candidates(api: Api, binary, directory, nodes: list[dict], pods: list[dict]):
    """The candidates by the pod's name. Each node alone is asked about, so that each answer is one
    on a node: it is no candidate when the pod is told that there is none."""
    pods_file = directory / "pods.json"
    pods_file.write_text(json.dumps({"apiVersion": "v1", "kind": "List",
                                     "items": [_lean(pod, "Pod") for pod in pods]}))

    def ask(node: dict) -> tuple[str, set[str]]:
        name = node["metadata"]["name"]
        node_file = directory / f"{name}.json"
        node_file.write_text(json.dumps(_lean(node, "Node")))
        done = subprocess.run([binary, "eval", "--nodes", node_file, "-o", "json", "-f", pods_file],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, 1), done.stderr
        answers = _documents(done.stdout)
        assert len(answers) == len(pods)
        return name, {answer["name"] for answer in answers
                      if all(item["rule"] != "no-candidate-node" for item in answer["findings"])}

    landing = api.map(ask, nodes)
    return {pod["metadata"]["name"]: {node for node, landed in landing
                                      if pod["metadata"]["name"] in landed} for pod in pods}


def _tolerates(pod: dict, taint: dict) -> bool:
    """For the taints of nodes that are out of order, which have no value."""
    return any(
        item.get("key") in (None, taint["key"]) and item.get("effect") in (None, taint["effect"])
        and (item.get("operator") == "Exists" or not item.get("value"))
        for item in pod["spec"].get("tolerations", []))


def _kept_off(pod: dict) -> set[str]:
    """The nodes out of order that the scheduler passes over for this pod."""
    return {name for name, (_, taint) in varied_nodes.TWINS.items() if not _tolerates(pod, taint)}


@pytest.fixture(scope="module")
def answers(cluster, tmp_path_factory):
    """(pods as stored, our candidates by name, the scheduler's landings by name)."""
    namespace = cluster.new_namespace()
    with Api(cluster.control_plane) as api:
        classes = "/apis/node.k8s.io/v1/runtimeclasses"
        api.map(lambda item: api("POST", classes, item), generated_pods.runtime_classes())
        varied_nodes.register(api)
        try:
            pods = api.map(lambda pod: _stored(api, namespace, pod),
                           generated_pods.generate(SEED, PODS))
            ours = _candidates(api, cluster.binary, tmp_path_factory.mktemp("agreement"),
                               api("GET", "/api/v1/nodes")["items"],
                               pods + [_with_mark(pod) for pod in pods[:MARKED]])
            wanted = [len(ours[pod["metadata"]["name"]] - _kept_off(pod)) + 1 for pod in pods]
            landed = scheduler.landings(api, namespace, pods,
                                        [min(count, MOST_COPIES) for count in wanted])
            yield pods, ours, landed
        finally:
            scheduler.remove_pods(api, namespace)
            varied_nodes.unregister(api)
            api.map(lambda name: api("DELETE", f"{classes}/{name}"), generated_pods.RUNTIME_CLASSES)


def _shown(pod: dict, difference: str) -> str:
    spec = {key: pod["spec"][key] for key in ("affinity", "nodeSelector", "tolerations", "containers",
                                              "initContainers") if key in pod["spec"]}
    return f"{pod['metadata']['name']}: {difference}\n  {json.dumps(spec)}"


def _none(disagreements: list[str], of: int):
    assert not disagreements, f"{len(disagreements)} of {of} pods:\n" + "\n".join(disagreements[:10])


def test_the_candidates_are_those_of_the_real_scheduler(answers, tell):
    pods, ours, landings = answers
    disagreements, whole, refused = [], 0, 0
    for pod in pods:
        name = pod["metadata"]["name"]
        expected, landed = ours[name] - _kept_off(pod), landings[name]
        whole += landed.is_whole()
        refused += not landed.nodes
        if surplus := landed.nodes - expected:
            disagreements.append(_shown(pod, f"the scheduler bound it to {sorted(surplus)}"))
        elif landed.is_whole() and (missing := expected - landed.nodes):
            disagreements.append(_shown(pod, f"the scheduler kept it off {sorted(missing)}"))
        elif not landed.is_whole() and len(expected) < MOST_COPIES:
            disagreements.append(_shown(pod, f"the scheduler knows more than {sorted(expected)}"))
    tell(f"candidates: {len(pods)} pods, {refused} Unschedulable, {whole} with all their nodes seen, "
         f"{sum(len(landed.nodes) for landed in landings.values())} bindings")
    _none(disagreements, len(pods))
    assert len(pods) >= 500
    assert len(varied_nodes.NODES + varied_nodes.OUT_OF_ORDER) >= 60
    assert sum(map(_asks_for_devices, pods)) >= DEVICES
    assert sum(map(_tolerates_by_size, pods)) >= COMPARED
    assert whole >= WHOLE
    assert 50 <= refused <= len(pods) // 2, "too one-sided a set of pods"


def test_a_node_out_of_order_counts_as_its_twin_in_order(answers):
    pods, ours, _ = answers
    disagreements = [
        _shown(pod, f"{out} and {twin} are told apart")
        for pod in pods for out, (twin, _) in varied_nodes.TWINS.items()
        if (out in ours[pod["metadata"]["name"]]) != (twin in ours[pod["metadata"]["name"]])]
    _none(disagreements, len(pods))


def test_the_webhooks_own_mark_in_a_selector_makes_no_difference(answers):
    pods, ours, _ = answers
    names = [pod["metadata"]["name"] for pod in pods[:MARKED]]
    _none([name for name in names if ours[name] != ours[f"{name}-marked"]], MARKED)
