#include "webhook/kubernetes/watchers/runtime_class_watcher.hpp"

#include <utility>

#include "webhook/decode/json_fields.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

}  // namespace

WatchedResource runtime_class_resource() {
  return {.path = "/apis/node.k8s.io/v1/runtimeclasses",
          .selector = "",
          .list_kind = "RuntimeClassList",
          .objects = "runtimeclasses",
          .object = "RuntimeClass"};
}

RuntimeClassFacts read_runtime_class(Element object) {
  RuntimeClassFacts facts;
  facts.found = true;
  facts.handler = string_at(object, "/handler");
  simdjson::dom::object selector;
  if (object["scheduling"]["nodeSelector"].get(selector) == simdjson::SUCCESS) {
    for (const auto& [key, value] : selector) {
      std::string_view text;
      if (value.get(text) == simdjson::SUCCESS) facts.node_selector.emplace(key, text);
    }
  }
  simdjson::dom::array tolerations;
  if (object["scheduling"]["tolerations"].get(tolerations) == simdjson::SUCCESS) {
    for (const Element one : tolerations) {
      facts.tolerations.push_back({string_at(one, "/key"), string_at(one, "/operator"),
                                   string_at(one, "/value"), string_at(one, "/effect")});
    }
  }
  return facts;
}

bool RuntimeClassStore::put(Element object) {
  RuntimeClassFacts facts = read_runtime_class(object);
  RuntimeClassFacts& kept = classes[string_at(object, "/metadata/name")];
  if (kept == facts) return false;
  kept = std::move(facts);
  return true;
}

bool RuntimeClassStore::erase(Element object) {
  return classes.erase(string_at(object, "/metadata/name")) > 0;
}

RuntimeClassWatcher::RuntimeClassWatcher(boost::asio::any_io_executor executor,
                                         ClusterAccess access, std::function<void()> on_change,
                                         WatchLog log, WatchTuning tuning)
    : StoreWatcher(
          std::move(executor), std::move(access), runtime_class_resource(),
          [on_change = std::move(on_change)](const RuntimeClassStore&) { on_change(); },
          std::move(log), std::move(tuning)) {}

std::shared_ptr<const RuntimeClassFacts> RuntimeClassWatcher::find(const std::string& name) const {
  if (store() == nullptr) return nullptr;
  const auto found = store()->classes.find(name);
  return std::make_shared<const RuntimeClassFacts>(
      found == store()->classes.end() ? RuntimeClassFacts{} : found->second);
}

}  // namespace cvm::webhook
