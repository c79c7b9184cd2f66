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
                       if "build" not in path.parts):
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
            if isinstance(inner, dict) and inner:
                check(inner, property, f"{path}.{key}")
            elif key not in ("apiVersion", "kind"):
                assert property["default"] == inner, f"{path}.{key}"

    check(defaults, schema, "")


def test_the_comments_of_the_defaults_describe_their_keys(schema, program):
    file = program.run("config", "defaults")
    comments = re.findall(r"^ *# ", file, re.MULTILINE)
    described = sum(len(node["description"].splitlines()) for node in walk(schema)
                    if isinstance(node.get("description"), str))
    assert len(comments) > 40 and described > 80
    assert schema["properties"]["caching"]["description"].startswith("Keep the inner images")


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
        assert property["enum"] == ["deny", "warn", "audit", "off", False]
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
