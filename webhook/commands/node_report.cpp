#include "webhook/commands/node_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "webhook/commands/text_table.hpp"

namespace cvm::webhook {
namespace {

struct NodeVerdict {
  bool cvm = true;  // can host a CVM
  bool gpu = true;  // can host a CVM with a GPU
  std::vector<const NodeReason*> reasons;
};

// A node as its object has it, and its class.
struct ReportedNode {
  NodeFacts facts;
  std::uint32_t node_class = 0;
};

std::vector<ReportedNode> nodes_by_name(const NodeInventory& inventory) {
  const NodeCatalog& catalog = inventory.catalog();
  std::vector<ReportedNode> nodes;
  nodes.reserve(catalog.size);
  catalog.for_each_node([&](const std::string& name, const NodeEntry& entry) {
    nodes.push_back({*(*catalog.classes)[entry.node_class], entry.node_class});
    nodes.back().facts.name = name;
  });
  std::sort(nodes.begin(), nodes.end(), [](const ReportedNode& one, const ReportedNode& other) {
    return one.facts.name < other.facts.name;
  });
  return nodes;
}

NodeVerdict judge(const NodeInventory& inventory, std::size_t node) {
  NodeVerdict verdict;
  for (const std::uint32_t position : inventory.reasons_of(node)) {
    const NodeReason& reason = inventory.reasons()[position];
    verdict.reasons.push_back(&reason);
    if (reason.action != RuleAction::kDeny) continue;
    verdict.gpu = false;
    if (!reason.gpu_pods_only) verdict.cvm = false;
  }
  return verdict;
}

std::string yes_or_no(bool value) { return value ? "yes" : "no"; }

std::string or_unknown(const std::string& text) { return text.empty() ? "<unknown>" : text; }

std::string list_rules(const NodeVerdict& verdict) {
  std::string rules;
  for (const NodeReason* reason : verdict.reasons) {
    if (!rules.empty()) rules += ", ";
    rules += reason->rule;
    if (reason->action != RuleAction::kDeny) {
      rules += " (" + std::string(to_string(reason->action)) + ")";
    }
  }
  return rules.empty() ? "-" : rules;
}

std::vector<std::string> make_row(const NodeFacts& node, const NodeVerdict& verdict, bool wide) {
  std::vector<std::string> row = {node.name, yes_or_no(verdict.cvm), yes_or_no(verdict.gpu),
                                  or_unknown(node.kernel_version), or_unknown(node.os_image)};
  if (wide) {
    row.insert(row.end(), {or_unknown(node.architecture), or_unknown(node.kubelet_version),
                           or_unknown(node.container_runtime), or_unknown(node.provider_id)});
  }
  row.push_back(list_rules(verdict));
  return row;
}

}  // namespace

std::string print_node_table(const NodeInventory& inventory, bool wide) {
  std::vector<std::vector<std::string>> rows = {{"NAME", "CVM", "GPU", "KERNEL", "OS-IMAGE"}};
  if (wide) {
    rows[0].insert(rows[0].end(), {"ARCHITECTURE", "KUBELET", "CONTAINER-RUNTIME", "PROVIDER-ID"});
  }
  rows[0].push_back("RULES");
  std::string reasons;
  for (const auto& [node, node_class] : nodes_by_name(inventory)) {
    const NodeVerdict verdict = judge(inventory, node_class);
    rows.push_back(make_row(node, verdict, wide));
    for (const NodeReason* reason : verdict.reasons) {
      reasons += node.name + ": cvm/" + std::string(reason->rule) + ": " + reason->message +
                 (reason->gpu_pods_only ? " (pods with a GPU only)" : "") + "\n";
    }
  }
  std::string out = print_table(rows);
  if (wide && !reasons.empty()) out += "\n" + reasons;
  return out;
}

std::string print_nodes_as_json(const NodeInventory& inventory) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& [node, node_class] : nodes_by_name(inventory)) {
    const NodeVerdict verdict = judge(inventory, node_class);
    nlohmann::ordered_json reasons = nlohmann::ordered_json::array();
    for (const NodeReason* reason : verdict.reasons) {
      reasons.push_back({{"rule", reason->rule},
                         {"action", to_string(reason->action)},
                         {"message", reason->message},
                         {"gpuPodsOnly", reason->gpu_pods_only}});
    }
    all.push_back({{"name", node.name},
                   {"cvm", verdict.cvm},
                   {"gpu", verdict.gpu},
                   {"kernelVersion", node.kernel_version},
                   {"osImage", node.os_image},
                   {"architecture", node.architecture},
                   {"kubeletVersion", node.kubelet_version},
                   {"containerRuntimeVersion", node.container_runtime},
                   {"providerID", node.provider_id},
                   {"reasons", reasons}});
  }
  return all.dump(2) + "\n";
}

}  // namespace cvm::webhook
