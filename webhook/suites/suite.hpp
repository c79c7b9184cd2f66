// A policy suite: cases of pods, nodes and settings, and what must become of each.
//
//   apiVersion: cvm-webhook.io/v1alpha1
//   kind: CvmPolicyTest
//   name: node-selinux
//   settings: {}     # CvmSettings without apiVersion and kind
//   settingsFile: settings.yaml  # a settings file, which `settings` is a JSON merge patch on
//   nodes: []        # Node objects, or their short form (short_node.hpp); absent: nothing is
//                    # known about nodes
//   node: {}         # the only one
//   nodesFiles: []   # files of nodes, besides `nodes`
//   pod: {}          # the base of every case; or podFile, which `pod` is a JSON merge patch on
//   object: {}       # or objectFile: instead, a Deployment or another that pods are made by
//   review: {}       # or reviewFile: instead, a recorded AdmissionReview
//   cases:
//     - name: refused where NFD reports SELinux
//       settings: {} # JSON merge patch on the suite's settings; settingsFile: instead of these
//       pod: {}      # JSON merge patch on the suite's pod; podFile, object... : instead of it
//       nodes: []    # takes the place of the suite's nodes, as node and nodesFiles do
//       user: {name: alice, groups: []}  # who calls
//       hostVolumes: {}     # claim -> the directory of the node that its volume is; claim "none":
//                           # a volume that nobody has claimed yet
//       unmappable: {}      # claim -> the file system of its volume, whose mounts cannot be mapped
//       runtimeClass: {}    # {handler, nodeSelector} of the RuntimeClass that the settings name;
//                           # found: false where there is none
//       namespaceProfile: ""   # of the namespace's label cvm-webhook.io/profile
//       enforcedLevel: ""   # of the namespace's label pod-security.kubernetes.io/enforce
//       operation: CREATE   # may be said; follows from the next four
//       # At most one of these; the pod is created first, and must be admitted:
//       change: {}          # JSON merge patch on the pod as it was admitted, or the object: UPDATE
//       connect: {subresource: exec, container: ""}   # CONNECT
//       bind: {node: a, labels: {}, annotations: {}}  # CREATE of pods/binding, to that node;
//                           # hostVolumes, unmappable: what is known of volumes by then
//       namespaceLabels: {} # of its namespace, which took part: UPDATE of the namespace
//       subresource: ""     # with change: resize, ephemeralcontainers, status
//       expect:
//         allowed: false
//         cvm: true
//         profile: ""   # that decides; empty: the settings themselves
//         findings: [{rule: node-selinux, action: deny, message: "regex", field: spec.x}]
//         warnings: ["regex"]
//         object: {} # what the pod contains after the patch: objects are compared as subsets
//         objectIs: {} # the whole pod after the patch
//         objectIsFile: pod.yaml  # the same, in a file, which `test --update` writes
//         idempotent: true  # false: the mutating call may patch its own result again
//         template: {allowed: true, findings: [], warnings: []}  # of the call about `object`
//         # Of each node that is named, for this pod; findings without field:
//         nodes: {a: {canHost: true, rules: [], findings: []}}
//
// What is expected is what becomes of the pod: the mutating call's answer where that refuses it,
// else the validating call's answer on the patched pod together with what only the mutating one
// said. Of an object, it is what becomes of the pod that it makes, unless the object is refused;
// of an UPDATE of it, the answer to that. Of a review that creates no pod, it is the validating
// call's answer. In `expect`, all but `allowed` may be absent and is then not checked; `findings`
// names every finding, in any order. Keys that are not listed here are errors.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/profile_settings.hpp"
#include "policies/nodes/node_catalog.hpp"
#include "webhook/calls/admission_client.hpp"
#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {

// Where something that is read later stands: in the last of these that has it.
struct Source {
  std::string file;
  std::shared_ptr<const YamlDocument> document;
  std::string base;  // JSON pointer of the value in the document
};
using Sources = std::vector<Source>;

struct FilePlace {
  std::string file;
  int line = 1, column = 1;

  // "suite.yaml:3:7"
  std::string text() const;
};

// The place of the value at `pointer` (below each base), else of its nearest ancestor in the last
// source. `sources` is not empty.
FilePlace find_place(const Sources& sources, std::string_view pointer);

// A regular expression (ECMAScript) that is searched for.
struct Pattern {
  std::string text;
  std::shared_ptr<const std::regex> expression;  // never null once read

  bool matches(const std::string& other) const { return std::regex_search(other, *expression); }
};

struct ExpectedFinding {
  std::string rule;
  std::optional<std::string> action = {}, field = {};
  std::optional<Pattern> message = {};
};

struct ExpectedNode {
  std::optional<bool> can_host;
  std::optional<std::vector<std::string>> rules;
  std::optional<std::vector<ExpectedFinding>> findings;
};

struct ExpectedAnswer {
  bool allowed = true;
  std::optional<std::vector<ExpectedFinding>> findings;
  std::vector<Pattern> warnings;
};

struct Expectation : ExpectedAnswer {
  std::optional<bool> cvm;
  std::optional<std::string> profile;
  nlohmann::json object, object_is;  // null: not checked
  std::string object_is_file;        // to be written by an update; may not be there yet
  bool idempotent = true;
  std::optional<ExpectedAnswer> of_template;
  std::map<std::string, ExpectedNode> nodes;
};

struct RuntimeClassOfCase {
  bool found = true;
  std::string handler;
  std::map<std::string, std::string> node_selector;
};

// The pod is bound to a node.
struct BindingOfCase {
  std::string node;
  std::map<std::string, std::string> labels, annotations;  // that it brings
  // What is known of volumes by then; nothing: what the case says.
  std::optional<std::map<std::string, std::string>> host_volumes, unmappable;
};

struct SuiteCase {
  enum class Input { kPod, kObject, kReview };

  std::string name;
  FilePlace place;
  Input input_kind = Input::kPod;
  nlohmann::json input;
  Sources input_sources;
  std::size_t settings = 0, nodes = 0;  // positions in the suite's
  Caller caller;
  std::map<std::string, std::string> host_volumes, unmappable;
  std::optional<RuntimeClassOfCase> runtime_class;
  std::string enforced_level, namespace_profile;
  std::optional<nlohmann::json> change, connect, namespace_labels;
  std::optional<BindingOfCase> bind;
  std::string subresource;
  Expectation expect;

  // Whether the verdict is about a call after the pod's creation.
  bool is_later() const { return change || connect || bind || namespace_labels; }
};

struct SettingsOfCase {
  ProfiledSettings settings;
  nlohmann::json given;  // without defaults
};

struct Suite {
  std::string name;
  std::string file;  // as it was named
  std::vector<SettingsOfCase> settings;
  std::vector<std::shared_ptr<const NodeCatalog>> nodes;  // null: nothing is known about nodes
  std::vector<SuiteCase> cases;
  std::vector<std::string> read_files;  // with those that it names

  // The folder that the file is in: "node-selinux".
  std::string folder() const;
  // "node-selinux/refused where NFD reports SELinux"
  std::string id_of(const SuiteCase& one) const { return name + "/" + one.name; }
};

}  // namespace cvm::webhook
