// The call of a case that comes after the pod's creation.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "webhook/suites/suite_reading.hpp"

namespace cvm::webhook {

namespace {

using nlohmann::json;

struct LaterCall {
  std::string_view key, operation;
};

constexpr std::array<LaterCall, 4> kLaterCalls = {{
    {"change", "UPDATE"},
    {"connect", "CONNECT"},
    {"bind", "CREATE"},
    {"namespaceLabels", "UPDATE"},
}};

void check_operation(const DocumentValue& level, const LaterCall* later) {
  const auto operation = level.find("operation");
  if (!operation) return;
  constexpr std::string_view kOperations[] = {"CREATE", "UPDATE", "CONNECT"};
  const std::size_t chosen = operation->choose(kOperations);
  if (chosen == std::size(kOperations)) return;
  const std::string_view fits = later == nullptr ? "CREATE" : later->operation;
  if (kOperations[chosen] == fits) return;
  operation->add_mistake(
      fmt::format("expected {}, which {} is, found {}", fits,
                  later == nullptr ? "a case without change, connect, bind and namespaceLabels"
                                   : fmt::format("a case with {}", later->key),
                  kOperations[chosen]));
}

// What the API server would refuse by itself, or never ask.
void check_binding(const DocumentValue& call, const SuiteCase& one, const NodeCatalog* nodes) {
  const auto node = call.find("node");
  if (node && !one.bind->node.empty() && nodes != nullptr) {
    const std::string mistake = mistake_in_node_name(one.bind->node, nodes);
    if (!mistake.empty()) node->add_mistake(mistake);
  }
  const auto pointer = "/spec/nodeName"_json_pointer;
  if (one.input.is_object() && one.input.contains(pointer) && !one.input.at(pointer).is_null()) {
    call.add_key_mistake("expected a pod without spec.nodeName, which is bound already");
  }
}

void check_pod_of(const DocumentValue& call, const LaterCall& later, const SuiteCase& one) {
  if (one.input_kind == SuiteCase::Input::kReview ||
      (one.input_kind == SuiteCase::Input::kObject && later.key != "change")) {
    call.add_key_mistake("expected a pod for such a call");
  }
  const auto pointer = "/metadata/name"_json_pointer;
  if (one.input_kind == SuiteCase::Input::kPod && one.input.is_object() &&
      (!one.input.contains(pointer) || !one.input.at(pointer).is_string())) {
    call.add_key_mistake("expected a pod with a name (metadata.name) for such a call");
  }
}

}  // namespace

void read_connect(const DocumentValue& value, SuiteCase& one) {
  one.connect = json::object();
  json& out = *one.connect;
  std::string text;
  value.read_fields({
      {"subresource",
       [&](const auto& name) {
         name.template read_choice<std::string>(text, {{"exec", "exec"},
                                                       {"attach", "attach"},
                                                       {"portforward", "portforward"},
                                                       {"proxy", "proxy"}});
         out["subresource"] = text;
       }},
      {"container",
       [&](const auto& name) {
         std::string container;
         name.read(container);
         out["container"] = container;
       }},
  });
  expect_key(value, "subresource", "exec, attach, portforward or proxy");
}

void read_bind(const DocumentValue& value, SuiteCase& one) {
  BindingOfCase& out = one.bind.emplace();
  value.read_fields({
      {"node", [&](const auto& name) { read_text(name, out.node); }},
      {"labels", [&](const auto& map) { read_strings(map, out.labels); }},
      {"annotations", [&](const auto& map) { read_strings(map, out.annotations); }},
      {"hostVolumes",
       [&](const auto& claims) { read_strings(claims, out.host_volumes.emplace()); }},
      {"unmappable", [&](const auto& claims) { read_strings(claims, out.unmappable.emplace()); }},
  });
  expect_key(value, "node", "that the pod is bound to");
}

void check_calls(const DocumentValue& level, const SuiteCase& one, const NodeCatalog* nodes) {
  const LaterCall* first = nullptr;
  for (const LaterCall& later : kLaterCalls) {
    const auto call = level.find(std::string(later.key));
    if (!call) continue;
    if (first != nullptr) {
      call->add_key_mistake(
          fmt::format("expected one call after the pod's creation, found also {}", first->key));
      continue;
    }
    first = &later;
    check_pod_of(*call, later, one);
    if (later.key == "bind") check_binding(*call, one, nodes);
  }
  check_operation(level, first);
  const auto expect = level.find("expect");
  for (const char* key : {"object", "objectIs", "objectIsFile"}) {
    const auto object = first && expect ? expect->find(key) : std::nullopt;
    if (object) object->add_key_mistake("a later call gives no object");
  }
}

}  // namespace cvm::webhook
