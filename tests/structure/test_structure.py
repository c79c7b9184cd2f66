"""The layout, the registry and the documentation agree with each other and with the binary."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import typing

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CVM_WEBHOOK", ROOT / "build/release/cvm-webhook"))
CODE = ("policies", "webhook", "certs", "tests")

# What policies/ may include besides itself and the C++ library: nothing that talks to the world.
POLICIES_MAY_INCLUDE = {"<boost/system/result.hpp>", "<fmt/format.h>", "<fmt/ranges.h>"}
NOT_FOR_POLICIES = {"atomic", "condition_variable", "filesystem", "fstream", "future", "iostream",
                    "mutex", "random", "semaphore", "shared_mutex", "thread"}
# Who may include whom; every folder may include itself.
MAY_INCLUDE = {"policies": {"policies"}, "certs": {"certs"},
               "webhook": {"webhook", "policies", "certs"}, "tests": set(CODE)}


def sources(folder: str) -> list[pathlib.Path]:
    found = sorted(path for ending in ("cpp", "hpp") for path in (ROOT / folder).rglob(f"*.{ending}"))
    assert found, f"no sources in {folder}"
    return found


def includes(path: pathlib.Path) -> list[str]:
    return re.findall(r'^\s*#\s*include\s*(["<][^">]+[">])', path.read_text(), re.MULTILINE)


def run(*arguments) -> str:
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def table_of(document: str, heading: str) -> list[list[str]]:
    """The cells of the first Markdown table after a heading, its head left out."""
    text = (ROOT / document).read_text()
    assert f"\n{heading}\n" in text, f"{document} has no heading {heading!r}"
    lines = text.split(f"\n{heading}\n", 1)[1].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start + 2:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows


@pytest.mark.parametrize("folder", CODE)
def test_dependencies_point_one_way(folder):
    wrong = [f"{path.relative_to(ROOT)}: {name}" for path in sources(folder) for name in includes(path)
             if name.startswith('"') and not (path.parent / name.strip('"')).exists()
             and name[1:].split("/")[0] not in MAY_INCLUDE[folder]]
    assert not wrong


def test_policies_include_nothing_of_the_world():
    wrong = [f"{path.relative_to(ROOT)}: {name}" for path in sources("policies")
             for name in includes(path) if name.startswith("<")
             and (name.strip("<>") in NOT_FOR_POLICIES or re.search(r"[/.]", name))
             and name not in POLICIES_MAY_INCLUDE]
    assert not wrong


def test_policies_read_no_clock():
    assert not [path for path in sources("policies") if "_clock::now" in path.read_text()]


def test_one_folder_includes_cli11():
    """It takes seconds to compile: verbs declare their options through command_line/command.hpp."""
    folder = ROOT / "webhook/commands/command_line"
    found = {path for top in CODE for path in sources(top)
             if any(name.startswith("<CLI/") for name in includes(path))}
    assert found
    assert not [path for path in found if path.parent != folder]
    assert not [path for path in sources("webhook") if ROOT / "webhook/commands" not in path.parents
                and path.name != "main.cpp"
                and any(name.startswith('"webhook/commands/') for name in includes(path))]


@pytest.mark.parametrize("folder", CODE)
def test_every_source_is_built(folder):
    """A source that no CMakeLists.txt of its folder or above names is dead, but for rules: these are built by
    rules.def."""
    wrong = []
    rule_files = {rule.file for rule in catalogue()}
    for path in (path for path in sources(folder) if path.suffix == ".cpp" and path not in rule_files):
        lists = [parent / "CMakeLists.txt" for parent in path.parents if parent.is_relative_to(ROOT)]
        # A list may name it without its ending, in a loop.
        if not any(re.search(rf"(?<![\w/.-]){re.escape(str(path.relative_to(file.parent).with_suffix('')))}"
                             r"(\.cpp)?(?![\w.])", file.read_text())
                   for file in lists if file.exists()):
            wrong.append(str(path.relative_to(ROOT)))
    assert not wrong


class CatalogueRule(typing.NamedTuple):
    kind: str
    name: str

    @property
    def id(self) -> str:
        return self.name.replace("_", "-")

    @property
    def file(self) -> pathlib.Path:
        folder = {"pod_change": "life", "pod_connection": "life"}.get(self.kind.lower(), self.kind.lower())
        return ROOT / "policies/rules" / folder / f"{self.name}.cpp"


def catalogue(root: pathlib.Path = ROOT) -> list[CatalogueRule]:
    lines = (root / "policies/rules/rules.def").read_text().splitlines()
    found = [CatalogueRule(*match.groups()) for line in lines
             if (match := re.match(r"CVM_([A-Z_]+)_RULE\(([a-z0-9_]+)\)", line))]
    assert len(found) > 10
    return found


def test_every_rule_has_a_file_of_its_name_that_defines_it():
    files = {path for path in (ROOT / "policies/rules").glob("*/*.cpp")}
    assert files == {rule.file for rule in catalogue()}, "policies/rules/rules.def names each rule's file"
    for rule in catalogue():
        defined = re.findall(r'\.id\s*=\s*"([^"]*)"', rule.file.read_text())
        assert defined == [rule.id], f"{rule.file.name} defines {defined}: one rule, one file"


def begin_rule(root: pathlib.Path, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, ROOT / "policies/rules/new_rule.py", "--root", root, *arguments],
                          capture_output=True, text=True, check=False)


@pytest.fixture
def copy_of_rules(tmp_path):
    (tmp_path / "policies/rules").mkdir(parents=True)
    shutil.copy(ROOT / "policies/rules/rules.def", tmp_path / "policies/rules")
    return tmp_path


@pytest.mark.parametrize("kind", ["pod", "node"])
def test_a_new_rule_has_its_file_line_and_suite(copy_of_rules, kind):
    done = begin_rule(copy_of_rules, "home-volume", "--kind", kind)
    assert done.returncode == 0, done.stderr
    added = [rule for rule in catalogue(copy_of_rules) if rule not in catalogue()]
    assert added == [CatalogueRule(kind.upper(), "home_volume")]
    assert [rule for rule in catalogue(copy_of_rules) if rule not in added] == catalogue(), "the order of the others"
    file = copy_of_rules / added[0].file.relative_to(ROOT)
    assert re.findall(r'\.id = "(.*)"', file.read_text()) == ["home-volume"]
    suite = yaml.safe_load((copy_of_rules / "tests/policies/home-volume/cases.yaml").read_text())
    findings = [[one["rule"] for one in case["expect"]["findings"]] for case in suite["cases"]]
    assert [case["expect"]["allowed"] for case in suite["cases"]] == [False, True, True]
    assert "home-volume" in findings[0] and findings[1:] == [[], []]
    assert suite["cases"][2]["settings"] == {"rules": {"home-volume": "off"}}


@pytest.mark.parametrize("id, told", [
    ("tmp-mount", "found tmp-mount, which is in policies/rules/rules.def"),
    ("Home_Volume", 'expected an id of at least two words such as "home-volume", found "Home_Volume"'),
    ("../x-y", 'found "../x-y"'),
])
def test_a_new_rule_needs_an_id_of_its_own(copy_of_rules, id, told):
    done = begin_rule(copy_of_rules, id)
    assert done.returncode == 2 and told in done.stderr
    assert catalogue(copy_of_rules) == catalogue() and not (copy_of_rules / "tests").exists()


# Folders of tests/policies that are about no single rule.
OTHER_SUITES = {
    "plan": "what is put into pods, mode by mode",
    "pod-security": "the levels of the Pod Security Standards, all controls together",
    "wrap": "placement wrap: what becomes of a workspace container",
}


# Rules that no suite can show: a suite has nodes that are up to date, an API server that answers, and no policies of it.
WITHOUT_SUITE = {"nodes-stale", "pod-unknown", "outside-namespace"}


def test_every_rule_has_a_suite_and_every_suite_a_rule():
    suites = {path.relative_to(ROOT / "tests/policies").parts[0]
              for path in (ROOT / "tests/policies").rglob("*.yaml")}
    needed = set(rules()) - WITHOUT_SUITE | set(OTHER_SUITES)
    assert not needed - suites, "tests/policies lacks a folder with a suite of these"
    assert not suites - needed, "tests/policies has a folder of these that is about no rule; see OTHER_SUITES"


def test_the_binary_lists_the_rules_of_the_catalogue():
    assert list(rules()) == sorted(rule.id for rule in catalogue())


def test_admission_policies_speak_by_ids_of_the_catalogue():
    objects = [each for path in sorted((ROOT / "manifests/base").glob("*.yaml"))
               for each in yaml.safe_load_all(path.read_text()) if each]
    policies = [each for each in objects if each["kind"] == "ValidatingAdmissionPolicy"]
    assert policies
    said = set()
    for policy in policies:
        for validation in policy["spec"]["validations"]:
            text = validation.get("messageExpression") or validation.get("message", "")
            id = re.match(r"'?cvm/([^:]+): ", text)
            assert id, f"{policy['metadata']['name']}: a message begins with cvm/<id>: , found {text!r}"
            said.add(id[1])
    assert said <= set(rules())
    assert {name for name, rule in rules().items() if "ValidatingAdmissionPolicy" in rule.get("fixed", "")} <= said


def rules() -> dict[str, dict]:
    """Rule id -> what the binary lists of it."""
    return {rule["id"]: rule for rule in json.loads(run("rules", "list", "-o", "json"))}


def test_the_page_of_rules_is_what_the_binary_writes():
    written = run("rules", "list", "-o", "markdown")
    assert (ROOT / "docs/rules.md").read_text() == written, (
        "docs/rules.md is not what the binary writes; write it anew: "
        "cvm-webhook rules list -o markdown >docs/rules.md")
    assert all(f"| [`{name}`](#{name}) | {rule['default']}" in written and f"\n## {name}\n" in written
               for name, rule in rules().items())


def test_readme_shows_what_nodes_prints():
    text = (ROOT / "README.md").read_text()
    shown = re.search(r"^\$ cvm-webhook (nodes .+)\n((?:.*\n)*?)```", text, re.MULTILINE)
    assert shown, "README has no example of `cvm-webhook nodes`"
    assert shown[2] == run(*shown[1].split())


def test_readme_shows_what_doctor_prints():
    text = (ROOT / "README.md").read_text()
    shown = re.search(r"^\$ cvm-webhook (doctor .+)\n((?:.*\n)*?)```", text, re.MULTILINE)
    assert shown, "README has no example of `cvm-webhook doctor`"
    done = subprocess.run([BINARY, *shown[1].split()], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout) == (1, shown[2])


def test_readme_lists_the_keys_of_nodes():
    nodes = yaml.safe_load(run("nodes", "--nodes", "examples/nodes.yaml", "-o", "json"))
    table = [row[0].strip("`") for row in table_of("README.md", "### Which nodes can host CVMs")]
    assert nodes
    for node in nodes:
        assert list(node) == table


def flat(value, path=""):
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else key)
    else:
        yield path, value


def shown(value) -> str:
    """A value as the table writes it: YAML on one line."""
    return yaml.safe_dump(value, default_flow_style=True, width=1000).replace("\n...", "").strip()


def setting_rows(text: str) -> dict[str, str]:
    """Keys and defaults of every table of docs/settings.md."""
    rows = [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[2].strip("`") for row in rows}


def test_the_page_of_settings_is_what_the_program_writes():
    command = "cvm-webhook config docs > docs/settings.md"
    assert (ROOT / "docs/settings.md").read_text() == run("config", "docs"), f"write it anew: {command}"


def test_the_page_of_settings_has_every_setting_with_its_default():
    documented = setting_rows((ROOT / "docs/settings.md").read_text())

    def check(settings, path):
        for key, value in settings.items():
            if documented.get(f"{path}{key}"):
                assert shown(yaml.safe_load(documented[f"{path}{key}"])) == shown(value), f"{path}{key}"
            else:
                assert isinstance(value, dict) and value, f"{path}{key} is not documented"
                check(value, f"{path}{key}.")

    defaults = yaml.safe_load(run("config", "defaults"))
    check({key: value for key, value in defaults.items() if key not in ("apiVersion", "kind")}, "")


def test_readme_says_the_defaults_of_the_settings_that_matter_first():
    defaults = dict(flat(yaml.safe_load(run("config", "defaults"))))
    table = {row[0].strip("`"): row[1].strip("`") for row in table_of("README.md", "## Settings")}
    assert len(table) > 6
    for key, value in table.items():
        assert shown(yaml.safe_load(value)) == shown(defaults[key]), key


def test_sample_rule_and_readme_name_the_statements_that_are_read():
    read = set(re.findall(r'"(cvm-webhook\.io/[a-z-]+)"',
                          (ROOT / "policies/compatibility/node_statements.hpp").read_text()))
    assert len(read) == 3
    table = table_of("README.md", "### What nodes do not say by themselves")
    assert {row[0].strip("`") for row in table} >= read
    rule = yaml.safe_load((ROOT / "manifests/samples/nfd-rule.yaml").read_text())
    labels = [label for part in rule["spec"]["rules"] for label in part["labels"].items()]
    assert {name for name, _ in labels} <= read
    assert {value for _, value in labels} <= {"true", "false"}


def test_shipped_settings_are_the_defaults():
    shipped = yaml.safe_load((ROOT / "manifests/base/settings.yaml").read_text())
    defaults = dict(flat(yaml.safe_load(run("config", "defaults"))))
    wrong = {key: value for key, value in flat(shipped) if defaults.get(key) != value}
    assert not wrong


@pytest.mark.parametrize("overlay", sorted(path.name for path in (ROOT / "manifests/overlays").iterdir()))
def test_an_overlay_names_files_that_are_there_and_settings_that_can_be_used(overlay):
    folder = ROOT / "manifests/overlays" / overlay
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    generated = [name for one in kustomization.get("configMapGenerator", []) for name in one["files"]]
    assert generated
    for name in [*kustomization["resources"], *generated]:
        assert (folder / name).exists(), name
    for name in generated:
        assert "usable" in run("config", "check", str(folder / name))


def test_the_native_overlay_lets_no_pod_have_a_supervisor():
    folder = ROOT / "manifests/overlays/sysbox"
    settings = yaml.safe_load((folder / "settings.yaml").read_text())
    assert (settings["mode"], settings["runtimeClassName"]) == ("native", "sysbox-runc")
    sample = yaml.safe_load((ROOT / "manifests/samples/runtimeclass-sysbox.yaml").read_text())
    assert sample["metadata"]["name"] == settings["runtimeClassName"]
    patches = yaml.safe_load((folder / "kustomization.yaml").read_text())["patches"]
    parameters = {operation["path"].removeprefix("/data/"): operation["value"]
                  for patch in patches if patch.get("target", {}).get("name") == "cvm-webhook-policy"
                  for operation in yaml.safe_load(patch["patch"])}
    assert parameters == {"runtimeClassNames": "", "supervisorImages": "", "supervisorCommand": ""}
def test_settings_that_readme_shows_are_valid(tmp_path):
    shown = re.findall(r"^```yaml\n(apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\n.*?)^```",
                       (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert shown
    for number, text in enumerate(shown):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text)
        assert run("config", "check", file).startswith(f"{file}: usable")


@pytest.mark.parametrize("document", sorted(
    str(path.relative_to(ROOT)) for path in ROOT.glob("**/*.md") if "build" not in path.relative_to(ROOT).parts))
def test_links_lead_somewhere(document):
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), f"{document}: {target}"


def test_nothing_is_left_to_do():
    wrong = [str(path.relative_to(ROOT)) for folder in CODE for path in sources(folder)
             if re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text())]
    assert not wrong
