"""What kube-scheduler itself says: on which nodes a pod may land, each of them.

One pod tells one node. So copies of it are made that all want the same hostPort, of which a node
has one: they fill the nodes that the pod may land on, one each, and what is left is Unschedulable.
"""

import copy
import dataclasses

from .api import Api
from .processes import wait_for

FIRST_PORT = 10000


@dataclasses.dataclass
class Landed:
    nodes: set[str] = dataclasses.field(default_factory=set)
    left_over: int = 0  # copies that the scheduler called Unschedulable

    def is_whole(self) -> bool:
        """Whether `nodes` are all that there are."""
        return self.left_over > 0


def _copies(pod: dict, port: int, count: int) -> list[dict]:
    result = []
    for number in range(count):
        item = copy.deepcopy(pod)
        item["metadata"]["name"] += f"-{number}"
        item["metadata"]["labels"] = {"copy-of": pod["metadata"]["name"]}
        item["spec"]["containers"][0]["ports"] = [{"containerPort": port, "hostPort": port}]
        result.append(item)
    return result


def _word_on(pod: dict) -> dict | None:
    """The scheduler's word on a pod: its node or its condition; None before it has spoken."""
    if pod["spec"].get("nodeName"):
        return {"node": pod["spec"]["nodeName"]}
    for condition in pod.get("status", {}).get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return condition
    return None


def landings(api: Api, namespace: str, pods: list[dict], counts: list[int]) -> dict[str, Landed]:
    """Creates counts[i] copies of pods[i]; where they landed, by the pod's name."""
    path = f"/api/v1/namespaces/{namespace}/pods"
    everything = [item for number, (pod, count) in enumerate(zip(pods, counts))
                  for item in _copies(pod, FIRST_PORT + number, count)]
    api.map(lambda item: api("POST", path, item), everything)
    stored = []

    def all_decided():
        stored[:] = api("GET", f"{path}?resourceVersion=0")["items"]
        return len(stored) == len(everything) and all(map(_word_on, stored))

    wait_for(f"kube-scheduler's word on {len(everything)} pods", all_decided, timeout=180,
             interval=1)
    result = {pod["metadata"]["name"]: Landed() for pod in pods}
    for item in stored:
        landed, word = result[item["metadata"]["labels"]["copy-of"]], _word_on(item)
        if "node" in word:
            landed.nodes.add(word["node"])
        else:
            assert word["reason"] == "Unschedulable", f"{item['metadata']['name']}: {word}"
            landed.left_over += 1
    return result


def remove_pods(api: Api, namespace: str):
    """Also those that are bound: no kubelet confirms their end."""
    api("DELETE", f"/api/v1/namespaces/{namespace}/pods?gracePeriodSeconds=0")
