#include "webhook/suites/short_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "policies/model/text.hpp"
#include "webhook/suites/suite_reading.hpp"

namespace cvm::webhook {

namespace {

using nlohmann::json;

constexpr std::array<const char*, 5> kKeysOfNodes = {"apiVersion", "kind", "metadata", "spec",
                                                     "status"};
constexpr std::array<std::string_view, 3> kTaintEffects = {"NoSchedule", "PreferNoSchedule",
                                                           "NoExecute"};

bool has_key_of_nodes(const json& value) {
  return std::any_of(kKeysOfNodes.begin(), kKeysOfNodes.end(),
                     [&](const char* key) { return value.contains(key); });
}

// With the keys as whole Nodes have them, and those of kubectl get nodes -o wide.
struct ShortNode {
  std::string name, os = "Ubuntu 24.04.1 LTS", kernel = "6.8.0-45-generic", arch = "amd64",
                    runtime = "containerd://2.0.5", kubelet = "v1.34.1", provider_id;
  std::map<std::string, std::string> labels, annotations;
  json allocatable = json::object(), taints = json::array();

  json whole() const {
    const std::string system = os.starts_with("Windows") ? "windows" : "linux";
    // What every kubelet sets.
    std::map<std::string, std::string> all = {{"kubernetes.io/hostname", name},
                                              {"kubernetes.io/os", system}};
    if (!arch.empty()) all["kubernetes.io/arch"] = arch;
    for (const auto& [key, value] : labels) all[key] = value;
    json node = {{"apiVersion", "v1"},
                 {"kind", "Node"},
                 {"metadata", {{"name", name}, {"labels", all}, {"annotations", annotations}}},
                 {"spec", {{"taints", taints}}},
                 {"status",
                  {{"allocatable", allocatable},
                   {"nodeInfo",
                    {{"osImage", os},
                     {"kernelVersion", kernel},
                     {"operatingSystem", system},
                     {"architecture", arch},
                     {"containerRuntimeVersion", runtime},
                     {"kubeletVersion", kubelet}}}}}};
    if (!provider_id.empty()) node["spec"]["providerID"] = provider_id;
    return node;
  }
};

// "key=value:Effect" or "key:Effect", as kubectl taint takes it.
void read_taint_text(const DocumentValue& value, json& taints) {
  const auto& text = value.json().get_ref<const std::string&>();
  const std::size_t colon = text.rfind(':');
  const std::string of_key = text.substr(0, std::min(colon, text.size()));
  const std::size_t equals = of_key.find('=');
  const std::string effect = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool is_effect =
      std::find(kTaintEffects.begin(), kTaintEffects.end(), effect) != kTaintEffects.end();
  if (!is_effect || of_key.empty() || equals == 0) {
    value.add_mistake(
        fmt::format("expected key=value:Effect or key:Effect, with the effect {}, found {}",
                    list_words(kTaintEffects), value.describe_found()));
    return;
  }
  taints.push_back({{"key", of_key.substr(0, equals)},
                    {"value", equals == std::string::npos ? "" : of_key.substr(equals + 1)},
                    {"effect", effect}});
}

void read_taint(const DocumentValue& value, json& taints) {
  if (value.json().is_string()) return read_taint_text(value, taints);
  std::string key, of_key, effect;
  value.read_fields({
      {"key", [&](const auto& text) { read_text(text, key); }},
      {"value", [&](const auto& text) { text.read(of_key); }},
      {"effect",
       [&](const auto& text) {
         const std::size_t chosen = text.choose(kTaintEffects);
         if (chosen < kTaintEffects.size()) effect = kTaintEffects[chosen];
       }},
  });
  taints.push_back({{"key", key}, {"value", of_key}, {"effect", effect}});
}

// An amount is text in a Node, and often a number where people write one.
void read_amounts(const DocumentValue& value, json& out) {
  value.read_entries([&out](const std::string& resource, const DocumentValue& amount) {
    if (amount.json().is_number_integer()) {
      out[resource] = amount.json().dump();
      return;
    }
    std::string text;
    read_text(amount, text);
    out[resource] = text;
  });
}

}  // namespace

json read_node(const DocumentValue& value, const std::string& name) {
  if (!value.json().is_object()) return value.json();
  if (has_key_of_nodes(value.json())) {
    for (const char* key : {"os", "kernel", "arch", "runtime", "kubelet", "taints", "labels"}) {
      const auto found = value.find(key);
      if (found) found->add_key_mistake("a whole Node (metadata, spec, status) has no such key");
    }
    return value.json();
  }
  ShortNode node;
  node.name = name;
  value.read_fields({
      {"name", [&](const auto& text) { read_text(text, node.name); }},
      {"os", [&](const auto& text) { text.read(node.os); }},
      {"kernel", [&](const auto& text) { text.read(node.kernel); }},
      {"arch", [&](const auto& text) { text.read(node.arch); }},
      {"runtime", [&](const auto& text) { text.read(node.runtime); }},
      {"kubelet", [&](const auto& text) { text.read(node.kubelet); }},
      {"providerID", [&](const auto& text) { text.read(node.provider_id); }},
      {"labels", [&](const auto& map) { read_strings(map, node.labels); }},
      {"annotations", [&](const auto& map) { read_strings(map, node.annotations); }},
      {"taints",
       [&](const auto& list) {
         list.read_elements([&](const DocumentValue& taint) { read_taint(taint, node.taints); });
       }},
      {"allocatable", [&](const auto& map) { read_amounts(map, node.allocatable); }},
  });
  return node.whole();
}

}  // namespace cvm::webhook
