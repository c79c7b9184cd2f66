"""Sixty nodes that differ in everything that the scheduler looks at, and some out of order.

NODES are in order; each of OUT_OF_ORDER is one of them again under another name (its labels are the
same, also kubernetes.io/hostname) with a taint of a condition that passes, or cordoned.
"""

import copy

from .api import Api
from .nodes import node

# None: the node has no such label. As integers some of these are none, or too large for 64 bits.
CORES = ("4", "8", "16", "64", "007", "9223372036854775807", "9223372036854775808", "1e3", "5.5",
         "many", "", None)
ZONES = ("eu-1a", "eu-1b", "eu-1c", None)
TIERS = ("gold", "silver", "", None, "silver")
ODD_KEYS = ("example.com/Odd_key.1-x", "a")
ODD_VALUES = ("v_1.x-Y", "0", "", None, "true")
SYSTEMS = (
    ("6.8.0-48-generic", "Ubuntu 24.04.1 LTS"), ("5.15.0-122-generic", "Ubuntu 22.04.5 LTS"),
    ("6.6.54-flatcar", "Flatcar Container Linux by Kinvolk 3975.2.2 (Oklo)"),
    ("5.14.0-427.13.1.el9_4.x86_64", "Rocky Linux 9.4 (Blue Onyx)"),
    ("4.15.0-213-generic", "Ubuntu 18.04.6 LTS"),
)
TAINT_SETS = (
    [], [], [],
    [{"key": "dedicated", "value": "team-a", "effect": "NoSchedule"}],
    [{"key": "dedicated", "value": "team-b", "effect": "NoExecute"}],
    [{"key": "spot", "value": "true", "effect": "PreferNoSchedule"}],
    [{"key": "level", "value": "5", "effect": "NoSchedule"}],
    [{"key": "dedicated", "value": "team-a", "effect": "NoSchedule"},
     {"key": "level", "value": "5", "effect": "NoExecute"}],
    [{"key": "example.com/gpu", "effect": "NoSchedule"},
     {"key": "example.com/gpu", "effect": "NoExecute"}],
    [{"key": "dedicated", "value": "", "effect": "NoSchedule"},
     {"key": "spot", "value": "true", "effect": "PreferNoSchedule"}],
)

GPU = "nvidia.com/gpu"
GPU_AMOUNTS = (None, "0", "1", "4", None, "16")
# One resource for each pod that asks for one, so that none takes from another.
RESOURCES = tuple(f"example.com/device-{number:02}" for number in range(40))

TRANSIENT_TAINTS = (
    {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"},
    {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"},
    {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"},
    {"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule"},
    {"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"},
    {"key": "node.kubernetes.io/pid-pressure", "effect": "NoSchedule"},
    {"key": "node.kubernetes.io/network-unavailable", "effect": "NoSchedule"},
    {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"},
)
COUNT = 60


def _at(values, number: int, step: int):
    """Runs through `values` at its own pace, so that they meet in all combinations."""
    return values[(number * step + number // len(values)) % len(values)]


def _resources(number: int) -> dict[str, str]:
    amounts = {name: GPU_AMOUNTS[(number * 5 + index) % len(GPU_AMOUNTS)]
               for index, name in enumerate(RESOURCES)}
    # Plenty, as many pods ask for it: what is left is the scheduler's business and not ours.
    amounts[GPU] = (None, "0", None, "1000")[number % 4]
    return {name: amount for name, amount in amounts.items() if amount is not None}


def _varied(number: int) -> dict:
    kernel, os_image = _at(SYSTEMS, number, 1)
    labels = {"topology.kubernetes.io/zone": _at(ZONES, number, 1), "tier": _at(TIERS, number, 2),
              "cores": _at(CORES, number, 5), ODD_KEYS[0]: _at(ODD_VALUES, number, 3),
              ODD_KEYS[1]: _at(ODD_VALUES, number, 1)}
    item = node(f"varied-{number:02}", ("general", "build", "team")[number % 3], kernel=kernel,
                os_image=os_image, arch=("amd64", "amd64", "arm64")[number % 7 % 3],
                provider=("", "", "aws:///eu-1a/i-%d", "gce://p/z/%d")[number % 4].replace(
                    "%d", str(number)),
                labels={key: value for key, value in labels.items() if value is not None},
                taints=copy.deepcopy(_at(TAINT_SETS, number, 3)))
    for field in ("capacity", "allocatable"):
        item["status"][field] = {**item["status"][field], **_resources(number)}
    return item


def _out_of_order(of: dict, taint: dict) -> dict:
    item = copy.deepcopy(of)
    item["metadata"]["name"] += "-out"
    item["spec"].setdefault("taints", []).append(taint)
    if taint["key"] == "node.kubernetes.io/unschedulable":
        item["spec"]["unschedulable"] = True
    return item


NODES = [_varied(number) for number in range(COUNT - len(TRANSIENT_TAINTS))]
# Every seventh, so that they are of all kinds.
OUT_OF_ORDER = [_out_of_order(NODES[number * 7 % len(NODES)], taint)
                for number, taint in enumerate(TRANSIENT_TAINTS)]
# name of a node that is out of order -> (name of the one that it equals, its taint)
TWINS = {item["metadata"]["name"]: (item["metadata"]["name"].removesuffix("-out"), taint)
         for item, taint in zip(OUT_OF_ORDER, TRANSIENT_TAINTS)}


def register(api: Api):
    """Creates the nodes, with status, and with their taints and no others."""
    def one(item):
        path = f"/api/v1/nodes/{item['metadata']['name']}"
        api("POST", "/api/v1/nodes", item)
        api("PATCH", f"{path}/status", {"status": item["status"]},
            "application/merge-patch+json")
        # The API server has added node.kubernetes.io/not-ready.
        api("PATCH", path, {"spec": {"taints": item["spec"].get("taints")}},
            "application/merge-patch+json")

    api.map(one, NODES + OUT_OF_ORDER)


def unregister(api: Api):
    api.map(lambda item: api("DELETE", f"/api/v1/nodes/{item['metadata']['name']}"),
            NODES + OUT_OF_ORDER)
