#include "webhook/kubernetes/reading/node_list.hpp"

#include <memory>
#include <utility>

#include "webhook/kubernetes/api/api_reader.hpp"
#include "webhook/kubernetes/watchers/node_decoder.hpp"
#include "webhook/kubernetes/watchers/node_watcher.hpp"

namespace cvm::webhook {
namespace {

class NodeCollector : public ListReceiver {
 public:
  void begin_list() override { nodes.clear(); }
  std::string listed(Element object) override {
    Result<NodeFacts> node = decode_node(object);
    if (!node) return node.error().message;
    nodes.push_back(std::move(*node));
    return {};
  }

  std::vector<NodeFacts> nodes;
};

}  // namespace

Result<std::vector<NodeFacts>> list_nodes(const ClusterAccess& access) {
  const auto collector = std::make_shared<NodeCollector>();
  const ApiResult<ListOutcome> list = ApiReader(access).list(node_resource(), collector);
  if (!list) return Error{list.error().message};
  if (!list->skipped.empty()) return Error{list->skipped.front()};
  return std::move(collector->nodes);
}

}  // namespace cvm::webhook
