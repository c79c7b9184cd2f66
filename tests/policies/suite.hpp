// Policy suites: tests/policies/<rule-id>/*.yaml, and folders that test no single rule.
//
//   apiVersion: cvm-webhook.io/v1alpha1
//   kind: CvmPolicyTest
//   name: node-selinux
//   settings: {}     # CvmSettings without apiVersion and kind
//   nodes: []        # Node objects; absent: nothing is known about nodes
//   pod: {}          # the base pod
//   cases:
//     - name: refused where NFD reports SELinux
//       settings: {} # JSON merge patch on the suite's settings
//       pod: {}      # JSON merge patch on the suite's pod
//       nodes: []    # takes the place of the suite's nodes
//       hostVolumes: {}     # claim -> the directory of the node that its volume is; claim "none":
//                           # a volume that nobody has claimed yet
//       unmappable: {}      # claim -> the file system of its volume, whose mounts cannot be mapped
//       runtimeClass: {}    # {handler, nodeSelector} of the RuntimeClass that the settings name;
//                           # found: false where there is none
//       namespaceProfile: ""   # of the namespace's label cvm-webhook.io/profile
//       enforcedLevel: ""   # of the namespace's label pod-security.kubernetes.io/enforce
//       # At most one of these; the pod is created first, and must be admitted:
//       change: {}          # JSON merge patch on the pod as it was admitted: UPDATE
//       connect: {subresource: exec, container: ""}   # CONNECT
//       namespaceLabels: {} # of its namespace, which took part: UPDATE of the namespace
//       subresource: ""     # with change: resize, ephemeralcontainers, status
//       expect:
//         allowed: false
//         cvm: true
//         profile: ""   # that decides; empty: the settings themselves
//         findings: [{rule: node-selinux, action: deny, message: "regex", field: spec.x}]
//         warnings: ["regex"]
//         object: {} # what the pod contains after the patch: objects are compared as subsets
//
// What is expected is what becomes of the pod: the mutating call's answer where that refuses it,
// else the validating call's answer on the patched pod together with what only the mutating one
// said. In `expect`, all but `allowed` may be absent and is then not checked; `findings` names
// every finding, in any order. Keys that are not listed here are errors.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace cvm::testing {

struct ExpectedFinding {
  std::string rule;
  std::optional<std::string> action, message, field;  // message: a regular expression
};

struct Expectation {
  bool allowed = true;
  std::optional<bool> cvm;
  std::optional<std::string> profile;
  std::optional<std::vector<ExpectedFinding>> findings;
  std::vector<std::string> warnings;  // regular expressions
  nlohmann::json object;              // null: not checked
};

struct PolicyCase {
  std::string folder;  // "node-selinux"
  std::string file;
  std::string name;
  nlohmann::json settings, pod;
  std::optional<nlohmann::json> nodes;
  std::map<std::string, std::string> host_volumes, unmappable;
  std::optional<nlohmann::json> runtime_class;
  std::string enforced_level, namespace_profile;
  std::optional<nlohmann::json> change, connect, namespace_labels;
  std::string subresource;
  Expectation expect;

  // Whether the verdict is about a call after the pod's creation.
  bool is_later() const { return change || connect || namespace_labels; }

  bool expects_finding_of(std::string_view rule) const;
};

// Every case of every file in every folder below `root`, in the order of their names. Throws
// std::runtime_error, which names file and place, on anything that is not as described above.
std::vector<PolicyCase> load_suites(const std::filesystem::path& root);

// The cases of one suite.
std::vector<PolicyCase> parse_suite(std::string_view yaml, const std::string& folder,
                                    const std::string& file);

}  // namespace cvm::testing
