#include "webhook/kubernetes/node_list.hpp"

#include <simdjson.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "webhook/kubernetes/json_fields.hpp"
#include "webhook/kubernetes/node_decoder.hpp"

namespace cvm::webhook {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kPageBytes = 256 << 20;  // 500 nodes of half a megabyte each
constexpr std::size_t kMostPages = 10'000;     // a server that never ends its list

std::string percent_encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 15];
    }
  }
  return encoded;
}

// Adds a page's nodes to `list`; returns the next page's continue token.
Result<std::string> read_page(std::string_view body, NodeList& list) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array items;
  if (const auto fault = parser.parse(body.data(), body.size()).get(root)) {
    return Error{std::string("the list of nodes is not JSON: ") + simdjson::error_message(fault)};
  }
  const std::string kind = string_at(root, "/kind");
  if (kind != "NodeList") return Error{"expected a NodeList, found kind \"" + kind + "\""};
  const std::string version = string_at(root, "/metadata/resourceVersion");
  if (version.empty()) return Error{"the list of nodes has no metadata.resourceVersion"};
  // The first page's: all pages show the cluster as it was then.
  if (list.resource_version.empty()) list.resource_version = version;
  if (root.at_pointer("/items").get(items) == simdjson::SUCCESS) {
    for (const simdjson::dom::element item : items) {
      Result<NodeFacts> node = decode_node(item);
      if (node) {
        list.nodes.push_back(std::move(*node));
      } else {
        list.skipped.push_back("node " + string_at(item, "/metadata/name") + ": " +
                               node.error().message);
      }
    }
  }
  return {boost::system::in_place_value, string_at(root, "/metadata/continue")};
}

asio::awaitable<ApiResult<NodeList>> list_once(std::shared_ptr<ApiConnection> api) {
  const ApiResult<void> opened = co_await api->open();
  if (!opened) co_return opened.error();
  ApiResult<NodeList> list = co_await fetch_node_list(api);
  co_return list;
}

}  // namespace

asio::awaitable<ApiResult<NodeList>> fetch_node_list(std::shared_ptr<ApiConnection> api) {
  NodeList list;
  std::string target = "/api/v1/nodes?limit=500";
  for (std::size_t page = 0; page < kMostPages; ++page) {
    const ApiResult<std::string> body = co_await api->get(target, kPageBytes);
    if (!body) co_return body.error();
    const Result<std::string> next = read_page(*body, list);
    if (!next) co_return ApiError{0, "GET " + target + ": " + next.error().message};
    if (next->empty()) co_return list;
    target = "/api/v1/nodes?limit=500&continue=" + percent_encoded(*next);
  }
  co_return ApiError{0, "the list of nodes does not end after 10000 pages"};
}

Result<std::vector<NodeFacts>> list_nodes(const ClusterAccess& access) {
  asio::io_context io(1);
  std::optional<ApiResult<NodeList>> list;
  // A list may grow too old between two of its pages; a second one has all its time again.
  for (int attempt = 0; attempt < 3 && (!list || (!*list && list->error().status == 410));
       ++attempt) {
    auto api = std::make_shared<ApiConnection>(io.get_executor(), access, ApiLimits{});
    std::exception_ptr thrown;
    asio::co_spawn(io, list_once(api),
                   [&](const std::exception_ptr& fault, ApiResult<NodeList> result) {
                     thrown = fault;
                     list.emplace(std::move(result));
                   });
    io.restart();
    io.run();
    if (thrown) std::rethrow_exception(thrown);
  }
  if (!*list) return Error{list->error().message};
  if (!(*list)->skipped.empty()) return Error{(*list)->skipped.front()};
  return std::move((*list)->nodes);
}

}  // namespace cvm::webhook
