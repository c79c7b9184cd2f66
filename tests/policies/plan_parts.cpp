#include "tests/policies/plan_parts.hpp"

#include <algorithm>
#include <string>
#include <tuple>

namespace cvm::testing {

namespace {

using nlohmann::json;

template <typename Predicate>
void remove_named(json& spec, const char* list, Predicate is_plans) {
  if (!spec.contains(list)) return;
  json& items = spec[list];
  if (items.is_array()) {
    json kept = json::array();
    for (json& item : items) {
      if (!is_plans(item.value("name", ""))) kept.push_back(std::move(item));
    }
    items = std::move(kept);
  }
  if (items.empty()) spec.erase(list);
}

}  // namespace

json without_plan(json pod) {
  if (pod.contains("metadata")) {
    json& metadata = pod["metadata"];
    if (metadata.contains("annotations")) {
      json& annotations = metadata["annotations"];
      if (annotations.is_object()) {
        annotations.erase("cvm-webhook.io/plan");
        annotations.erase("cvm-webhook.io/supervisor");
        annotations.erase("cvm-webhook.io/profile");
      }
      if (annotations.empty()) metadata.erase("annotations");
    }
    if (metadata.empty()) pod.erase("metadata");
  }
  json& spec = pod["spec"];
  spec.erase("runtimeClassName");
  if (spec.contains("nodeSelector")) {
    json& selector = spec["nodeSelector"];
    if (selector.is_object()) selector.erase("cvm-webhook.io/cvm-gpu");
    if (selector.empty()) spec.erase("nodeSelector");
  }
  const auto is_supervisor = [](const std::string& name) { return name == "cvm-supervisor"; };
  remove_named(spec, "initContainers", is_supervisor);
  remove_named(spec, "containers", is_supervisor);
  remove_named(spec, "volumes", [](const std::string& name) { return name.starts_with("cvm-"); });
  return pod;
}

json without_container(json pod, const std::string& name) {
  if (name.empty()) return pod;
  remove_named(pod["spec"], "containers", [&name](const std::string& one) { return one == name; });
  return pod;
}

json without_native_parts(json pod) {
  pod["spec"].erase("hostUsers");
  for (const auto& [parent, map, key] :
       {std::tuple{"metadata", "annotations", "io.kubernetes.cri-o.userns-mode"},
        std::tuple{"spec", "nodeSelector", "cvm-webhook.io/cvm"}}) {
    if (!pod.contains(parent) || !pod[parent].contains(map)) continue;
    if (pod[parent][map].is_object()) pod[parent][map].erase(key);
  }
  return pod;
}

json without_added_affinity(json patched, const json& pod) {
  static const json::json_pointer kAffinity("/spec/affinity"),
      kOfNodes = kAffinity / "nodeAffinity",
      kRequired = kOfNodes / "requiredDuringSchedulingIgnoredDuringExecution",
      kTerms = kRequired / "nodeSelectorTerms";
  for (const auto& place : {kAffinity, kOfNodes, kRequired}) {
    if (pod.contains(place) || !patched.contains(place)) continue;
    patched.at(place.parent_pointer()).erase(place.back());
    return patched;
  }
  if (!pod.contains(kTerms)) return patched;
  const json& own = pod.at(kTerms);
  json& terms = patched.at(kTerms);
  for (std::size_t each = 0; each < std::min(own.size(), terms.size()); ++each) {
    for (const char* list : {"matchExpressions", "matchFields"}) {
      const std::size_t kept = own[each].contains(list) ? own[each][list].size() : 0;
      if (!terms[each].contains(list)) continue;
      json& requirements = terms[each][list];
      while (requirements.size() > kept) requirements.erase(requirements.size() - 1);
      if (requirements.empty() && !own[each].contains(list)) terms[each].erase(list);
    }
  }
  return patched;
}

}  // namespace cvm::testing
