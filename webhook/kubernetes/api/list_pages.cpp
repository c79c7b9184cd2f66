#include "webhook/kubernetes/api/list_pages.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "policies/model/result.hpp"
#include "webhook/decode/json_fields.hpp"
#include "webhook/kubernetes/access/server_url.hpp"

namespace cvm::webhook {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kPageBytes = 256 << 20;  // 500 objects of half a megabyte each
constexpr std::size_t kMostPages = 10'000;     // a server that never ends its list

// Hands a page's objects on; returns the next page's continue token.
Result<std::string> read_page(std::string& body, const WatchedResource& resource,
                              simdjson::dom::parser& parser, ObjectReceiver& receiver,
                              ListOutcome& list) {
  const std::string name = fmt::format("the list of {}", resource.objects);
  // With its padding the text need not be copied once more.
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  simdjson::dom::element root;
  if (const auto fault = parser.parse(body.data(), body.size(), false).get(root)) {
    return Error{fmt::format("{} is not JSON: {}", name, simdjson::error_message(fault))};
  }
  const std::string kind = string_at(root, "/kind");
  if (kind != resource.list_kind) {
    return Error{fmt::format("expected a {}, found kind \"{}\"", resource.list_kind, kind)};
  }
  const std::string version = string_at(root, "/metadata/resourceVersion");
  if (version.empty()) return Error{fmt::format("{} has no metadata.resourceVersion", name)};
  // The first page's: all pages show the cluster as it was then.
  if (list.resource_version.empty()) list.resource_version = version;
  simdjson::dom::array items;
  if (root.at_pointer("/items").get(items) == simdjson::SUCCESS) {
    for (const simdjson::dom::element item : items) {
      const std::string fault = receiver.listed(item);
      if (fault.empty()) {
        ++list.count;
      } else {
        list.skipped.push_back(
            fmt::format("{} {}: {}", resource.object, string_at(item, "/metadata/name"), fault));
      }
    }
  }
  return {boost::system::in_place_value, string_at(root, "/metadata/continue")};
}

}  // namespace

asio::awaitable<ApiResult<ListOutcome>> fetch_list(std::shared_ptr<ApiConnection> api,
                                                   WatchedResource resource,
                                                   std::shared_ptr<ObjectReceiver> receiver) {
  ListOutcome list;
  simdjson::dom::parser parser;
  receiver->begin_list();
  std::string first = fmt::format("{}?limit=500", resource.path);
  if (!resource.selector.empty()) first += "&" + resource.selector;
  std::string target = first;
  std::string memory;  // of the page before
  for (std::size_t page = 0; page < kMostPages; ++page) {
    ApiResult<std::string> body = co_await api->get(target, kPageBytes, std::move(memory));
    if (!body) co_return body.error();
    const Result<std::string> next = read_page(*body, resource, parser, *receiver, list);
    memory = std::move(*body);
    if (!next) co_return ApiError{0, fmt::format("GET {}: {}", target, next.error().message)};
    if (next->empty()) {
      receiver->end_list();
      co_return list;
    }
    target = fmt::format("{}&continue={}", first, url_segment(*next));
  }
  co_return ApiError{
      0, fmt::format("the list of {} does not end after 10000 pages", resource.objects)};
}

}  // namespace cvm::webhook
