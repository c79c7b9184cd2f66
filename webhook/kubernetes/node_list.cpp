#include "webhook/kubernetes/node_list.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "webhook/kubernetes/list_pages.hpp"
#include "webhook/kubernetes/node_decoder.hpp"

namespace cvm::webhook {
namespace {

namespace asio = boost::asio;

// Collects one list; there are no events.
class Collector : public ObjectReceiver {
 public:
  void begin_list() override { nodes.clear(); }
  std::string listed(Element object) override {
    Result<NodeFacts> node = decode_node(object);
    if (!node) return node.error().message;
    nodes.push_back(std::move(*node));
    return {};
  }
  void end_list() override {}
  std::string put(Element) override { return {}; }
  void erase(Element) override {}
  void end_events() override {}

  std::vector<NodeFacts> nodes;
};

asio::awaitable<ApiResult<ListOutcome>> list_once(std::shared_ptr<ApiConnection> api,
                                                  std::shared_ptr<Collector> collector) {
  const ApiResult<void> opened = co_await api->open();
  if (!opened) co_return opened.error();
  const WatchedResource resource = node_resource();
  ApiResult<ListOutcome> list = co_await fetch_list(api, resource, collector);
  co_return list;
}

}  // namespace

WatchedResource node_resource() {
  return {.path = "/api/v1/nodes",
          .selector = "",
          .list_kind = "NodeList",
          .objects = "nodes",
          .object = "node"};
}

Result<std::vector<NodeFacts>> list_nodes(const ClusterAccess& access) {
  asio::io_context io(1);
  const auto collector = std::make_shared<Collector>();
  std::optional<ApiResult<ListOutcome>> list;
  // A list may grow too old between two of its pages; a second one has all its time again.
  for (int attempt = 0; attempt < 3 && (!list || (!*list && list->error().status == 410));
       ++attempt) {
    auto api = std::make_shared<ApiConnection>(io.get_executor(), access, ApiLimits{});
    std::exception_ptr thrown;
    asio::co_spawn(io, list_once(api, collector),
                   [&](const std::exception_ptr& fault, ApiResult<ListOutcome> result) {
                     thrown = fault;
                     list.emplace(std::move(result));
                   });
    io.restart();
    io.run();
    if (thrown) std::rethrow_exception(thrown);
  }
  if (!*list) return Error{list->error().message};
  if (!(*list)->skipped.empty()) return Error{(*list)->skipped.front()};
  return std::move(collector->nodes);
}

}  // namespace cvm::webhook
