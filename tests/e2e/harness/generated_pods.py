"""Pods that use everything by which a pod says where it may land. The same from the same seed."""

import random

from . import varied_nodes

ZONE = "topology.kubernetes.io/zone"
RUNTIME_CLASSES = ("generated-a", "generated-b")
# What the RuntimeClass admission plugin merges into a pod of each class.
SCHEDULING = {
    "generated-a": {"nodeSelector": {"pool": "team"},
                    "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "team-a"}]},
    "generated-b": {"tolerations": [{"key": "dedicated", "operator": "Exists",
                                     "effect": "NoExecute"}]},
}

# Each has values that nodes have and that none has.
LABELS = {
    ZONE: ("eu-1a", "eu-1b", "eu-1c", "us-1a"),
    "tier": ("gold", "silver", "", "bronze"),
    "kubernetes.io/arch": ("amd64", "arm64", "s390x"),
    "kubernetes.io/os": ("linux", "windows"),
    "kubernetes.io/hostname": ("varied-03", "varied-11", "cvm-1", "nobody"),
    "cores": ("4", "16", "007", "7", "1e3", ""),
    varied_nodes.ODD_KEYS[0]: ("v_1.x-Y", "0", "", "true", "True"),
    varied_nodes.ODD_KEYS[1]: ("v_1.x-Y", "0", "", "true", "false"),
    "example.com/nobody-has-it": ("", "x"),
}
BOUNDS = ("4", "7", "8", "15", "16", "0", "007", "9223372036854775806", "9223372036854775807",
          "9223372036854775808", "many", "5.5", "")
TAINTS = (("dedicated", "team-a"), ("dedicated", "team-b"), ("dedicated", ""), ("level", "5"),
          ("level", "6"), ("example.com/gpu", ""), ("spot", "true"), ("nobody", "x"))
OPERATORS = ("In", "In", "In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
EFFECTS = (None, "NoSchedule", "PreferNoSchedule", "NoExecute")


class Generator:
    def __init__(self, seed: int):
        self._random = random.Random(seed)
        # One for each pod that asks for it; of GPUs, some nodes of the session have eight.
        self._resources = list(varied_nodes.RESOURCES) + 8 * [varied_nodes.GPU]
        self._random.shuffle(self._resources)

    def _few(self, values, most: int) -> list:
        return self._random.sample(values, self._random.randint(1, min(most, len(values))))

    def _chance(self, of_one: float) -> bool:
        return self._random.random() < of_one

    def _expression(self) -> dict:
        op = self._random.choice(OPERATORS)
        if op in ("Gt", "Lt"):
            key = self._random.choice(("cores", "cores", "cores", varied_nodes.ODD_KEYS[1]))
            return {"key": key, "operator": op, "values": [self._random.choice(BOUNDS)]}
        key = self._random.choice(list(LABELS))
        if op in ("Exists", "DoesNotExist"):
            return {"key": key, "operator": op}
        return {"key": key, "operator": op, "values": self._few(LABELS[key], 3)}

    def _field(self) -> dict:
        """Of nodes that no other node stands for, so that twins stay twins."""
        names = [item["metadata"]["name"] for item in varied_nodes.NODES]
        plain = [name for name in names if f"{name}-out" not in varied_nodes.TWINS]
        return {"key": "metadata.name", "operator": self._random.choice(("In", "NotIn")),
                "values": [self._random.choice(plain + ["cvm-2", "nobody"])]}

    def _term(self) -> dict:
        if self._chance(0.08):
            return {}
        term = {}
        if self._chance(0.9):
            term["matchExpressions"] = [
                self._expression() for _ in range(self._random.randint(1, 3))]
        if self._chance(0.15) or not term:
            term["matchFields"] = [self._field() for _ in range(self._random.randint(1, 2))]
        return term

    def _toleration(self) -> dict:
        if self._chance(0.06):
            return {"operator": "Exists"}  # everything
        if self._chance(0.1):
            return {"key": self._random.choice(("level", "level", "dedicated")),
                    "operator": self._random.choice(("Gt", "Lt")),
                    "value": self._random.choice(("4", "5", "6", "100"))}
        key, value = self._random.choice(TAINTS)
        if self._chance(0.2):
            key, value = self._random.choice(varied_nodes.TRANSIENT_TAINTS)["key"], ""
        toleration = {"key": key}
        op = self._random.choice((None, "Equal", "Equal", "Exists", "Exists"))
        if op:
            toleration["operator"] = op
        if op != "Exists" and (value or self._chance(0.1)):
            toleration["value"] = value or "x"
        effect = self._random.choice(EFFECTS)
        if effect:
            toleration["effect"] = effect
        if effect == "NoExecute" and self._chance(0.5):
            toleration["tolerationSeconds"] = self._random.choice((-1, 0, 300))
        return toleration

    def _resource(self, container: dict, spec: dict):
        name = self._resources.pop()
        amount = "1" if name == varied_nodes.GPU else self._random.choice("12450")
        amounts = {"requests": {name: amount}, "limits": {name: amount}}
        init = {"name": "init", "image": "init", "resources": amounts}
        where = self._random.choice(("container", "container", "init", "sidecar", "both", "all"))
        if where != "container":
            spec["initContainers"] = [init]
        if where in ("sidecar", "all"):
            init["restartPolicy"] = "Always"
        if where in ("container", "both", "all"):
            container["resources"] = amounts

    def pod(self, name: str) -> dict:
        container = {"name": "dev", "image": "dev"}
        spec = {"containers": [container], "automountServiceAccountToken": False}
        if self._chance(0.75):
            spec["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [
                    self._term() for _ in range(self._random.choice((1, 1, 1, 2, 3)))]}}}
        if self._chance(0.25):
            keys = self._few([ZONE, "tier", "kubernetes.io/arch", "cores", *varied_nodes.ODD_KEYS], 2)
            spec["nodeSelector"] = {key: self._random.choice(LABELS[key]) for key in keys}
        if self._chance(0.6):
            spec["tolerations"] = [
                self._toleration() for _ in range(self._random.randint(1, 4))]
        if self._resources and self._chance(0.12):
            self._resource(container, spec)
        if self._chance(0.1):
            spec["runtimeClassName"] = self._random.choice(RUNTIME_CLASSES)
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def generate(seed: int, count: int) -> list[dict]:
    generator = Generator(seed)
    return [generator.pod(f"generated-{number:03}") for number in range(count)]


def runtime_classes() -> list[dict]:
    return [{"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": name},
             "handler": "runc", "scheduling": SCHEDULING[name]} for name in RUNTIME_CLASSES]
