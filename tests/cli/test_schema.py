"""`config schema`: the schema and the loader say the same of settings files."""

import copy
import json
import pathlib
import re

import jsonschema
import pytest
import yaml

HEAD = {"apiVersion": "cvm-webhook.io/v1alpha1", "kind": "CvmSettings"}


@pytest.fixture(scope="module")
def schema(program):
    schema = json.loads(program.run("config", "schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


@pytest.fixture(scope="module")
def validator(schema):
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def defaults(program):
    return yaml.safe_load(program.run("config", "defaults"))


def shipped_settings(root: pathlib.Path) -> dict[str, dict]:
    """Every settings file of the repository: by itself, in a ConfigMap, or shown in a document."""
    found = {}
    for path in sorted(path for ending in ("yaml", "md") for path in root.glob(f"**/*.{ending}")
                       if "build" not in path.relative_to(root).parts):
        text = path.read_text()
        blocks = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for number, block in enumerate(blocks if path.suffix == ".md" else [text]):
            if "kind: CvmSettings" not in block:
                continue
            for document in yaml.safe_load_all(block):
                if document.get("kind") == "ConfigMap":
                    document = yaml.safe_load(document["data"]["settings.yaml"])
                if document.get("kind") == "CvmSettings":
                    found[f"{path.relative_to(root)}#{number}"] = document
    return found


def test_what_ships_is_valid_where_the_loader_takes_it(program, validator, root, tmp_path):
    files = shipped_settings(root)
    assert len(files) > 6
    assert {"manifests/base/settings.yaml#0", "examples/settings.yaml#0"} <= set(files)
    for name, settings in files.items():
        file = tmp_path / "settings.yaml"
        file.write_text(yaml.safe_dump(settings))
        is_usable = program.call("config", "check", file).returncode == 0
        mistakes = [error.message for error in validator.iter_errors(settings)]
        assert (not mistakes) == is_usable, f"{name}: {mistakes}"


def test_the_defaults_are_valid_and_known(schema, validator, defaults):
    validator.validate(defaults)

    def check(value, at, path):
        for key, inner in value.items():
            assert key in at["properties"], f"{path}.{key}"
            property = at["properties"][key]
            if "const" in property or "default" in property:
                assert property.get("const", property.get("default")) == inner, f"{path}.{key}"
            else:
                check(inner, property, f"{path}.{key}")

    check(defaults, schema, "")


def test_the_comments_of_the_defaults_describe_their_keys(schema, program):
    file = program.run("config", "defaults")
    comments = re.findall(r"^ *# ", file, re.MULTILINE)
    described = sum(len(node["description"].splitlines()) for node in walk(schema)
                    if isinstance(node.get("description"), str))
    assert len(comments) > 40 and described > 80
    assert schema["properties"]["caching"]["description"].startswith("Keep the inner images")


def test_every_key_of_the_defaults_has_a_comment_of_its_own(schema, defaults):
    def check(keys, at, path):
        for key, inner in keys.items():
            property = at["properties"][key]
            if f"{path}{key}" not in ("apiVersion", "kind", "workspaces"):
                assert property.get("description"), f"{path}{key}"
                assert not property["description"].startswith("Expected: "), f"{path}{key}"
            if isinstance(inner, dict) and "default" not in property:
                check(inner, property, f"{path}{key}.")

    check(defaults, schema, "")


def walk(node):
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from walk(inner)


def test_nothing_but_what_is_known_fits(schema):
    """Every map says of other keys that there are none, or what they hold."""
    for node in walk(schema):
        if "properties" in node and isinstance(node["properties"], dict) and "type" in node:
            assert "additionalProperties" in node


def test_every_rule_has_its_action_but_those_that_something_else_decides_about(schema, program):
    listed = json.loads(program.run("rules", "list", "-o", "json"))
    rules = {rule["id"]: rule for rule in listed if "fixed" not in rule}
    properties = schema["properties"]["rules"]["properties"]
    assert set(properties) == set(rules)
    for name, property in properties.items():
        assert property["enum"] == ["deny", "warn", "audit", "off", False, None]
        assert (property["default"], property["description"]) == (rules[name]["default"], rules[name]["summary"])
    of_profiles = schema["properties"]["profiles"]["items"]["properties"]["settings"]["properties"]
    assert set(rules) - set(of_profiles["rules"]["properties"]) == {"profile-choice", "namespace-label"}


# Settings that the loader and the schema must agree about: whether they can be used.
ALIKE = [
    (True, "caching: true"),
    (False, "caching: 'true'"),
    (False, "cacheing: true"),
    (False, "caching: [true]"),
    (True, "mode: native"),
    (False, "mode: nativ"),
    (False, "mode: 1"),
    (True, "supervisor:"),
    (True, "supervisor: {placement: wrap, env: [{name: A, value: b}]}"),
    (False, "supervisor: {placement: beside}"),
    (False, "supervisor: {env: [{value: b}]}"),
    (False, "supervisor: {env: {A: b}}"),
    (False, "supervisor: {command: []}"),
    (False, "supervisor: {image: ''}"),
    (False, "supervisor: []"),
    (True, "supervisor: {resources: {requests: {cpu: 1, memory: 1.5Gi, nvidia.com/gpu: 0}}}"),
    (True, "supervisor: {resources: {limits: {cpu: 1e1, memory: 1E}}}"),
    (False, "supervisor: {resources: {requests: {cpu: -1}}}"),
    (False, "supervisor: {resources: {requests: {cpu: 1Q}}}"),
    (False, "supervisor: {resources: {requests: {cpu: true}}}"),
    (True, "nodes: {staleAfter: 1h30m}"),
    (True, "nodes: {staleAfter: 90s}"),
    (False, "nodes: {staleAfter: 0s}"),
    (False, "nodes: {staleAfter: 5}"),
    (False, "nodes: {staleAfter: 5d}"),
    (False, "nodes: {staleAfter: 1m1h}"),
    (False, "nodes: {staleAfter: ''}"),
    (True, "nodes: {templates: [{name: pool, kernelVersion: 6.8.0, labels: {a/b: c}, allocatable: {nvidia.com/gpu: 2}}]}"),
    (False, "nodes: {templates: [{name: pool}]}"),
    (False, "nodes: {templates: [{name: pool, kernelVersion: 6.8.0, size: 3}]}"),
    (False, "nodes: {templates: [{name: pool, kernelVersion: 6.8.0, taints: [{key: a}]}]}"),
    (False, "nodes: {templates: [pool]}"),
    (True, "compatibility: {kernels: [{from: '5.15', action: deny}]}"),
    (False, "compatibility: {kernels: [{from: 5.15, action: deny}]}"),
    (False, "compatibility: {kernels: [{from: '5', action: deny}]}"),
    (False, "compatibility: {kernels: [{from: '5.15'}]}"),
    (True, "compatibility: {distributions: [{id: example, selinux: on}]}"),
    (False, "compatibility: {distributions: [{id: example, selinux: perhaps}]}"),
    (True, "compatibility: {clouds: [{name: mine, providerID: 'mine://'}]}\ngpu: {allowClouds: [mine]}"),
    (True, "gpu: {allowClouds: [gce]}"),
    (False, "gpu: {allowClouds: gce}"),
    (False, "gpu: {allowClouds: [1]}"),
    (True, "isolation: {podSecurity: restricted}"),
    (True, "isolation: {podSecurity: {enforce: baseline, warn: restricted}}"),
    (False, "isolation: {podSecurity: strict}"),
    (False, "isolation: {podSecurity: {enforce: strict}}"),
    (False, "isolation: {podSecurity: {}, podsecurity: {}}"),
    (False, "isolation: {injected: {mounts: [{path: /a}]}}"),
    (True, "isolation: {templates: off}"),
    (True, "rules: {node-selinux: off, tmp-mount: deny}"),
    (False, "rules: {node-selinux: warm}"),
    (False, "rules: {node-selinx: warn}"),
    (False, "rules: {node-selinux: true}"),
    (True, "network: {cidr: 10.0.0.0/24}"),
    (False, "network: {cidr: 10.0.0.0/31}"),
    (False, "network: {cidr: 10.0.0.0}"),
    (True, "workspaces: {selector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: Exists}]}}"),
    (False, "workspaces: {selector: {matchExpressions: [{key: a}]}}"),
    (False, "workspaces: {selector: {matchExpressions: [{key: a, operator: Is}]}}"),
    (True, "profiles: [{name: gpu, chosenBy: [pod], settings: {caching: true}}]\ndefaultProfile: gpu"),
    (False, "profiles: [{settings: {caching: true}}]"),
    (False, "profiles: [{name: gpu, settings: {cacheing: true}}]"),
    (False, "profiles: [{name: gpu, chosenBy: [everybody]}]"),
    (False, "profiles: [{name: gpu, settings: {enabled: false}}]"),
    (False, "profiles: [{name: gpu, settings: {isolation: {breakGlass: {users: [a]}}}}]"),
    (False, "profiles: [{name: gpu, settings: {supervisor: {placement: beside}}}]"),
    (True, "profiles: [{name: gpu, settings: {isolation: {podSecurity: restricted}, rules: {gpu-beta: off}}}]"),
    (False, "profiles: [{name: gpu, settings: {rules: {namespace-label: off}}}]"),
    (True, "hostPaths: {usrSrc: {mountPath: /opt/src, type: ''}}"),
    (False, "hostPaths: {usrSrc: /opt/src}"),
]


@pytest.mark.parametrize("is_usable, text", ALIKE)
def test_the_schema_agrees_with_the_loader(program, validator, tmp_path, is_usable, text):
    file = tmp_path / "settings.yaml"
    file.write_text("".join(f"{key}: {value}\n" for key, value in HEAD.items()) + text + "\n")
    loaded = program.call("config", "check", file)
    assert (loaded.returncode == 0) == is_usable, loaded.stderr
    assert validator.is_valid(yaml.safe_load(file.read_text())) == is_usable


# Every list and map of the settings with something in it: the places where a null may stand.
FULL = """
enabled: true
defaultToCvm: true
mode: supervised
caching: true
autoloadShiftfs: true
runtimeClassName: cvm
workspaces:
  selector:
    matchLabels: {a: b}
    matchExpressions: [{key: a, operator: Exists, values: []}]
supervisor:
  placement: sidecar
  image: envbox
  imagePullPolicy: Always
  command: [/envbox]
  resources:
    requests: {cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi, example.com/a: 1}
    limits: {cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi, example.com/a: 1}
  env: [{name: A, value: b}]
  memoryReserve: 64Mi
  serviceAccountToken: true
  tun: true
  fuse: true
  imagesOnCacheVolume: true
hostPaths:
  usrSrc: {path: /a, mountPath: /a, type: Directory}
  libModules: {path: /b, mountPath: /b, type: Directory}
  varRun: {path: /c, mountPath: /c, type: Directory}
  varLib: {path: /d, mountPath: /d, type: Directory}
network: {cidr: 10.0.0.0/24}
gpu: {allowClouds: [gce], usrLibDir: /usr/lib}
nodes:
  selinuxUnknown: warn
  shiftfsUnknown: warn
  secureBootUnknown: warn
  kernelHeadersUnknown: warn
  staleAfter: 5m
  staleAction: warn
  mark: true
  templates:
  - name: pool
    labels: {a: b}
    annotations: {a: b}
    taints: [{key: a, value: b, effect: NoSchedule}]
    kernelVersion: 6.8.0
    kubeletVersion: v1.34.0
    containerRuntimeVersion: containerd://2.1.4
    osImage: Ubuntu 24.04
    architecture: amd64
    operatingSystem: linux
    providerID: gce://a
    allocatable: {cpu: 1, memory: 1Gi, pods: 110, ephemeral-storage: 1Gi, example.com/a: 1}
compatibility:
  distributions: [{id: a, version: "1", osImage: A, minimumKernel: "5.15", shiftfs: none, selinux: "off"}]
  kernels: [{from: "5.15", below: "5.16", flavour: aws, action: deny, reason: a}]
  clouds: [{name: mine, title: Mine, providerID: "mine://", hosting: cloud}]
  gpus: [{resource: example.com/gpu, vendor: nvidia}]
  userNamespaces:
  - {runtime: containerd, from: "2.0", below: "2.1", kubernetesFrom: "1.30", kubernetesBelow: "1.33",
     need: hostUsers, reason: a}
isolation:
  podSecurity: {enforce: baseline, warn: baseline, audit: baseline}
  breakGlass: {users: [a], groups: [b]}
  injected:
    variables: [A]
    mounts: [{path: /a, sources: [projected], readOnly: true}]
    containers: [{name: a, images: [b], capabilities: [NET_ADMIN]}]
  inlineCsiDrivers: [a]
  templates: warn
defaultProfile: ""
profiles: [{name: gpu, chosenBy: [pod], settings: {}}]
"""


def places_of(value, path=()):
    """Every value below this one: the keys and positions that lead to it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places_of(one, (*path, key))


def keys_of(schema, path=""):
    """Every key that the schema names, with [] for the items of a list."""
    if "$ref" in schema:
        return
    for part in schema.get("anyOf", []):
        yield from keys_of(part, path)
    if "items" in schema:
        yield from keys_of(schema["items"], f"{path}[]")
    for key, inner in schema.get("properties", {}).items():
        yield f"{path}.{key}"
        yield from keys_of(inner, f"{path}.{key}")


def test_a_null_is_an_absent_value_for_both(program, validator, schema, tmp_path):
    """At every key and item, one at a time: what the loader takes, the schema takes."""
    full = {**HEAD, **yaml.safe_load(FULL)}
    full["rules"] = {rule: "warn" for rule in schema["properties"]["rules"]["properties"]}
    layer = {key: value for key, value in full.items() if key not in (*HEAD, "profiles", "defaultProfile")}
    full["profiles"][0]["settings"] = layer = copy.deepcopy(layer)
    of_profile = schema["properties"]["profiles"]["items"]["properties"]["settings"]
    for key in set(layer) - set(of_profile["properties"]):
        del layer[key]
    del layer["isolation"]["breakGlass"]
    for rule in set(layer["rules"]) - set(of_profile["properties"]["rules"]["properties"]):
        del layer["rules"][rule]
    assert validator.is_valid(full)

    places = list(places_of(full))
    reached = {"".join("[]" if isinstance(key, int) else f".{key}" for key in place) for place in places}
    assert not set(keys_of(schema)) - reached
    in_a_profile = ("profiles", 0, "settings")
    places += [(*in_a_profile, key) for key in of_profile["patternProperties"]]
    files, taken_by_schema = {}, set()
    for number, place in enumerate(places):
        changed = copy.deepcopy(full)
        at = changed
        for key in place[:-1]:
            at = at[key]
        key = place[-1].strip("^$") if isinstance(place[-1], str) else place[-1]
        at[key] = None
        file = tmp_path / f"{number}.yaml"
        file.write_text(yaml.safe_dump(changed))
        files[str(file)] = place
        if validator.is_valid(changed):
            taken_by_schema.add(place)
    told = program.call("config", "check", *files)
    taken_by_loader = {place for file, place in files.items() if f"{file}: usable" in told.stdout}
    assert taken_by_loader == taken_by_schema
    assert len(taken_by_schema) > 200
    assert {("caching",), ("supervisor", "image"), ("rules", "tmp-mount"), ("supervisor", "env", 0, "value"),
            (*in_a_profile, "caching")} <= taken_by_schema
    assert ("apiVersion",) not in taken_by_schema and ("supervisor", "command", 0) not in taken_by_schema


def test_settings_without_an_effect_in_mode_native_are_told(program, schema, tmp_path):
    other = {"caching": True, "supervisor": {"tun": True}, "hostPaths": {"usrSrc": {"mountPath": "/a"}},
             "network": {"cidr": "10.0.0.0/24"}, "gpu": {"allowClouds": ["gce"]}}
    declared = {key for key, property in schema["properties"].items()
                if property.get("x-only-with") == "mode: supervised"}
    assert declared == set(other)
    file = tmp_path / "settings.yaml"
    file.write_text(yaml.safe_dump({**HEAD, "mode": "native", **other}))
    told = program.run("config", "check", file) + program.call("config", "check", file).stderr
    for key in declared:
        assert f"{key}: has no effect in mode native" in told


def test_a_file_says_what_it_is(validator, defaults):
    for key in HEAD:
        without = copy.deepcopy(defaults)
        del without[key]
        assert not validator.is_valid(without)
        assert not validator.is_valid({**defaults, key: "other"})


def test_every_key_of_another_type_is_found_by_both(program, validator, defaults, tmp_path):
    """A list for every scalar and a scalar for every list and map: one mistake at a time."""
    places = []

    def visit(value, path):
        for key, inner in value.items():
            places.append((*path, key))
            if isinstance(inner, dict):
                visit(inner, (*path, key))

    visit(defaults, ())
    assert len(places) > 50
    files, expected = [], 0
    for number, path in enumerate(places):
        changed = copy.deepcopy(defaults)
        at = changed
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = "wrong, " if isinstance(at[path[-1]], (list, dict)) else ["wrong, "]
        assert not validator.is_valid(changed), path
        file = tmp_path / f"{number}.yaml"
        file.write_text(yaml.safe_dump(changed))
        files.append(file)
        expected += 1
    told = program.call("config", "check", *files)
    assert "usable" not in told.stdout
    assert len({line.split(":")[0] for line in told.stderr.splitlines() if ".yaml" in line}) == expected
