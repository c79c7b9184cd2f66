#include "webhook/suites/node_verdicts.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <set>

#include "policies/model/gpu.hpp"
#include "policies/model/workspace.hpp"
#include "policies/profiles/profiles.hpp"
#include "webhook/decode/known_pod_reader.hpp"

namespace cvm::webhook {

namespace {

using nlohmann::json;

// The settings and nodes that decided about the pod.
const Snapshot& chosen(const Snapshot& snapshot, const std::string& profile) {
  const ProfileSnapshot* found = snapshot.profiles ? snapshot.profiles->find(profile) : nullptr;
  return found == nullptr ? snapshot : *found->snapshot;
}

// As the CVM that it is, or would be where it was refused.
bool requests_gpu(json pod, const Compatibility& compatibility) {
  if (pod.is_null()) return false;
  pod["metadata"]["annotations"][std::string(kPlanAnnotation)] = "";
  pod["spec"]["nodeName"] = "";
  simdjson::dom::parser parser;
  const KnownPod known = read_known_pod(parser.parse(pod.dump()).value());
  return std::any_of(known.extended_resources.begin(), known.extended_resources.end(),
                     [&](const std::string& name) { return gpu_vendor(name, compatibility); });
}

}  // namespace

void compare_nodes(const std::map<std::string, ExpectedNode>& expected, const Snapshot& snapshot,
                   const std::string& profile, const json& pod, std::vector<Mismatch>& out) {
  const Snapshot& judge = chosen(snapshot, profile);
  const bool gpu = requests_gpu(pod, judge.settings->compatibility);
  for (const auto& [name, node] : expected) {
    const NodeEntry* entry = judge.nodes->catalog().find(name);
    bool can_host = true;
    std::set<std::string> rules;
    std::vector<Finding> findings;
    for (const std::uint32_t position : judge.nodes->reasons_of(entry->node_class)) {
      const NodeReason& reason = judge.nodes->reasons()[position];
      if (reason.gpu_pods_only && !gpu) continue;
      if (reason.action == RuleAction::kDeny) can_host = false;
      rules.emplace(reason.rule->id);
      findings.push_back({*reason.rule, reason.action, reason.message});
    }
    if (node.can_host && *node.can_host != can_host) {
      out.push_back({fmt::format("node {}: canHost", name), *node.can_host, can_host});
    }
    if (node.findings)
      compare_findings(*node.findings, findings, fmt::format("node {}: ", name), out);
    if (!node.rules) continue;
    const std::set<std::string> wanted(node.rules->begin(), node.rules->end());
    if (wanted != rules) out.push_back({fmt::format("node {}: rules", name), wanted, rules});
  }
}

}  // namespace cvm::webhook
