"""Begins a rule: its file with a descriptor, its line in rules.def, its suite. `./dev new rule` runs this.

What is written compiles, and its suite passes: it finds a label of its own, for you to replace by what the rule is to find.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = """Examples:
  ./dev new rule home-volume
  ./dev new rule node-swap --kind node
"""

HEAD = '''// TO WRITE: why the rule is as it is, where the descriptor does not say it; else leave this out.
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

'''
DESCRIPTOR = '''    .descriptor = {.id = "ID",
                   .summary = "TO WRITE: what it finds, in a line (ID)",
                   .default_action = RuleAction::kDeny,
                   .calls = CALLS,
                   .explanation = {.checks = "TO WRITE: what it looks at, and what is allowed (ID).",
                                   .why = "TO WRITE: what would become of the WHAT without it.",
                                   .fix = "TO WRITE: what to do about a finding.",
                                   .fields = {"FIELD"},
                                   .sources = {"README.md"}}},
'''
POD = HEAD + '''void check_NAME(const PodContext& context, Problems& problems) {
  if (!context.pod.labels.find("example.com/ID")) return;
  problems.push_back({"the label example.com/ID is there; remove it", "metadata.labels[example.com/ID]"});
}

}  // namespace

constinit const PodRule rules::NAME{
''' + DESCRIPTOR + '''    .check = check_NAME,
};

}  // namespace cvm
'''
NODE = HEAD + '''std::optional<NodeProblem> check_NAME(const NodeFacts& node, const Settings&) {
  if (!node.labels.contains("example.com/ID")) return std::nullopt;
  return NodeProblem{"the node has the label example.com/ID; use other nodes",
                     {kHave, "the label example.com/ID", "use other nodes"}};
}

}  // namespace

constinit const NodeRule rules::NAME{
''' + DESCRIPTOR + '''    .check = check_NAME,
};

}  // namespace cvm
'''
SUITE_HEAD = '''apiVersion: cvm-webhook.io/v1alpha1
kind: CvmPolicyTest
name: ID
pod:
  metadata: {name: alice-dev}
  spec: {containers: [{name: dev, image: "ubuntu:22.04"}]}
'''
POD_SUITE = SUITE_HEAD + '''cases:
  - name: finds the label
    pod: &found {metadata: {labels: {example.com/ID: ""}}}
    expect: {allowed: false, findings: [{rule: ID, action: deny, message: "; remove it$"}]}
  - name: looks and admits a pod without it
    expect: {allowed: true, cvm: true, findings: []}
  - name: is off where the settings say so
    settings: {rules: {ID: "off"}}
    pod: *found
    expect: {allowed: true, cvm: true, findings: []}
'''
NODE_SUITE = SUITE_HEAD + '''nodes: &found
  - metadata: {name: a, labels: {example.com/ID: ""}}
    status: &system {nodeInfo: {kernelVersion: 6.8.0-45-generic, osImage: Ubuntu 24.04.1 LTS, operatingSystem: linux, architecture: amd64, kubeletVersion: v1.34.1}}
cases:
  - name: finds the label
    expect: {allowed: false, findings: [{rule: no-compatible-node}, {rule: ID, action: deny, message: "; use other nodes"}]}
  - name: looks and admits where a node is without it
    nodes: [{metadata: {name: a}, status: *system}]
    expect: {allowed: true, cvm: true, findings: []}
  - name: is off where the settings say so
    settings: {rules: {ID: "off"}}
    expect: {allowed: true, cvm: true, findings: []}
'''
LABEL = "labels[example.com/ID]"
# kind: macro and folder, rule, suite, calls, field, what it judges
KINDS = {
    "pod": ("POD", POD, POD_SUITE, "kPodRuleCalls", f"metadata.{LABEL}", "pod"),
    "node": ("NODE", NODE, NODE_SUITE, "kNodeRuleCalls", f"Node metadata.{LABEL}", "node"),
}


def catalogue(definitions: str) -> list[tuple[str, str]]:
    """(kind, name) of each rule."""
    return re.findall(r"^CVM_([A-Z_]+)_RULE\(([a-z0-9_]+)\)$", definitions, re.MULTILINE)


def mistake_in(id: str, definitions: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", id):
        return f'expected an id of at least two words such as "home-volume", found "{id}"'
    if id.replace("-", "_") in {name for _, name in catalogue(definitions)}:
        return f"expected the id of a new rule, found {id}, which is in policies/rules/rules.def"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev new rule", description=__doc__, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("id", metavar="ID", help='words with "-" between: "home-volume"')
    parser.add_argument("--kind", choices=KINDS, default="pod", help="what it judges; default: pod")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help=argparse.SUPPRESS)
    given = parser.parse_args()
    definitions_file = given.root / "policies/rules/rules.def"
    definitions = definitions_file.read_text()
    if mistake := mistake_in(given.id, definitions):
        parser.error(mistake)

    macro, rule, suite, calls, field, what = KINDS[given.kind]
    name = given.id.replace("-", "_")
    last = [line for line in definitions.splitlines() if line.startswith(f"CVM_{macro}_RULE(")][-1]
    files = {
        given.root / f"policies/rules/{macro.lower()}/{name}.cpp":
            rule.replace("FIELD", field).replace("CALLS", calls).replace("WHAT", what)
                .replace("NAME", name).replace("ID", given.id),
        given.root / f"tests/policies/{given.id}/cases.yaml": suite.replace("ID", given.id),
        definitions_file: definitions.replace(f"{last}\n", f"{last}\nCVM_{macro}_RULE({name})\n", 1),
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(path.relative_to(given.root))
    print("Next: write what says TO WRITE, ./dev fmt, build, and\n"
          "  cvm-webhook rules list -o markdown >docs/rules.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
