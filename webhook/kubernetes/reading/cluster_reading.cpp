#include "webhook/kubernetes/reading/cluster_reading.hpp"

#include <utility>

#include "policies/nodes/node_store.hpp"
#include "webhook/decode/json_fields.hpp"
#include "webhook/kubernetes/watchers/namespace_watcher.hpp"
#include "webhook/kubernetes/watchers/node_decoder.hpp"
#include "webhook/kubernetes/watchers/node_watcher.hpp"
#include "webhook/kubernetes/watchers/persistent_volume_watcher.hpp"
#include "webhook/kubernetes/watchers/runtime_class_watcher.hpp"

namespace cvm::webhook {
namespace {

constexpr unsigned kForbidden = 403;

struct NodeFactsStore {
  bool put(simdjson::dom::element node) {
    NodeView view;
    const std::optional<Error> error = decode_node(node, view);
    if (error) {
      fault = error->message;
      return false;
    }
    return nodes.put(view);
  }

  NodeStore nodes;
  std::string fault;
};

struct RuntimeClassStore {
  bool put(simdjson::dom::element object) {
    classes.insert_or_assign(string_at(object, "/metadata/name"), read_runtime_class(object));
    return true;
  }

  std::map<std::string, RuntimeClassFacts> classes;
};

template <typename Store>
class Collector : public ListReceiver {
 public:
  void begin_list() override { store = Store(); }
  std::string listed(Element object) override {
    store.put(object);
    return {};
  }

  Store store;
};

// What of the resource could be read; null where that is forbidden, which is then noted. Throws
// std::runtime_error on any other failure.
template <typename Store>
std::shared_ptr<Collector<Store>> collect(const ApiReader& api, const WatchedResource& resource,
                                          std::vector<std::string>& forbidden) {
  auto collector = std::make_shared<Collector<Store>>();
  const ApiResult<ListOutcome> list = api.list(resource, collector);
  if (list) return collector;
  if (list.error().status != kForbidden) throw std::runtime_error(list.error().message);
  forbidden.push_back(list.error().message);
  return nullptr;
}

ClusterReading read_all(const ApiReader& api) {
  ClusterReading reading;
  if (const auto nodes = collect<NodeFactsStore>(api, node_resource(), reading.forbidden)) {
    if (!nodes->store.fault.empty()) throw std::runtime_error(nodes->store.fault);
    reading.nodes = nodes->store.nodes.catalog();
  }
  if (const auto found = collect<NamespaceStore>(api, namespace_resource(), reading.forbidden)) {
    reading.namespaces =
        std::make_shared<const KnownNamespaces>(std::move(found->store.namespaces));
  }
  if (const auto found =
          collect<HostVolumeStore>(api, persistent_volume_resource(), reading.forbidden)) {
    reading.host_volumes = std::make_shared<const HostVolumes>(found->store.volumes());
  }
  if (auto found = collect<RuntimeClassStore>(api, runtime_class_resource(), reading.forbidden)) {
    reading.runtime_classes = std::move(found->store.classes);
  }
  return reading;
}

}  // namespace

std::shared_ptr<const RuntimeClassFacts> ClusterReading::find_runtime_class(
    const std::string& name) const {
  if (!runtime_classes) return nullptr;
  const auto found = runtime_classes->find(name);
  return std::make_shared<const RuntimeClassFacts>(
      found == runtime_classes->end() ? RuntimeClassFacts{} : found->second);
}

Result<ClusterReading> read_cluster(const ApiReader& api) {
  try {
    return read_all(api);
  } catch (const std::runtime_error& error) {
    return Error{error.what()};
  }
}

}  // namespace cvm::webhook
