#include "webhook/node_report/node_json.hpp"

#include <nlohmann/json.hpp>

namespace cvm::webhook {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name_of(Hosting hosting) {
  switch (hosting) {
    case Hosting::kCloud:
      return "cloud";
    case Hosting::kVirtual:
      return "virtual";
    case Hosting::kBareMetal:
      return "bareMetal";
    case Hosting::kUnknown:
      break;
  }
  return "unknown";
}

Json reasons_to_json(const std::vector<ReportedReason>& reasons) {
  Json all = Json::array();
  for (const ReportedReason& reason : reasons) {
    all.push_back({{"rule", reason.rule},
                   {"action", to_string(reason.action)},
                   {"message", reason.message},
                   {"change", reason.change},
                   {"gpuPodsOnly", reason.gpu_pods_only}});
  }
  return all;
}

Json user_namespaces_to_json(const NodeUserNamespaces& found) {
  return {{"need", found.need ? to_string(*found.need) : "unknown"}, {"reason", found.reason}};
}

Json kind_to_json(const NodeKind& kind) {
  const NodeFacts& facts = kind.facts;
  const Provider* provider = kind.hosting.provider;
  Json gpus = Json::object();
  for (const auto& [resource, pieces] : kind.gpus) gpus[resource] = pieces;
  return {{"cvm", kind.cvm},
          {"gpu", kind.gpu},
          {"gpus", std::move(gpus)},
          {"cloud",
           {{"name", provider == nullptr ? "" : provider->name},
            {"hosting", name_of(kind.hosting.hosting())},
            {"from", kind.hosting.evidence}}},
          {"kernelVersion", facts.kernel_version},
          {"osImage", facts.os_image},
          {"distribution", kind.distribution.name},
          {"selinux", {{"state", to_string(kind.selinux.state)}, {"from", kind.selinux.evidence}}},
          {"architecture", facts.architecture},
          {"kubeletVersion", facts.kubelet_version},
          {"containerRuntimeVersion", facts.container_runtime},
          {"providerID", facts.provider_id},
          {"reasons", reasons_to_json(kind.reasons)}};
}

}  // namespace

Json nodes_to_json(const NodeReport& report) {
  std::vector<Json> kinds;
  kinds.reserve(report.kinds.size());
  for (const NodeKind& kind : report.kinds) kinds.push_back(kind_to_json(kind));
  Json all = Json::array();
  for (const ReportedNode& node : report.nodes) {
    Json object = {{"name", node.name}};
    object.update(kinds[node.kind]);
    if (report.mode == Mode::kNative) {
      object["userNamespaces"] = user_namespaces_to_json(report.kinds[node.kind].user_namespaces);
    }
    all.push_back(std::move(object));
  }
  return all;
}

}  // namespace cvm::webhook
