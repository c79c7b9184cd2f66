#include "webhook/kubernetes/api/api_reader.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace cvm::webhook {
namespace {

namespace asio = boost::asio;

constexpr int kListAttempts = 3;

template <typename Answer, typename Ask>
asio::awaitable<ApiResult<Answer>> open_and_ask(std::shared_ptr<ApiConnection> api, Ask ask) {
  const ApiResult<void> opened = co_await api->open();
  if (!opened) co_return opened.error();
  ApiResult<Answer> got = co_await ask(api);
  co_return got;
}

// Runs ask(std::shared_ptr<ApiConnection>), a coroutine, over a connection of its own: after an
// error no other question may be asked on it.
template <typename Answer, typename Ask>
ApiResult<Answer> run(const ClusterAccess& access, const ApiLimits& limits, Ask ask) {
  asio::io_context io(1);
  auto api = std::make_shared<ApiConnection>(io.get_executor(), access, limits);
  std::optional<ApiResult<Answer>> answer;
  std::exception_ptr thrown;
  asio::co_spawn(io, open_and_ask<Answer>(std::move(api), std::move(ask)),
                 [&](const std::exception_ptr& fault, ApiResult<Answer> got) {
                   thrown = fault;
                   answer.emplace(std::move(got));
                 });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return std::move(*answer);
}

}  // namespace

ApiResult<std::string> ApiReader::get(const std::string& target) const {
  return run<std::string>(access_, limits_, [&](const std::shared_ptr<ApiConnection>& api) {
    return api->get(target, kObjectBytes);
  });
}

ApiResult<std::string> ApiReader::review(const std::string& target, const std::string& body) const {
  return run<std::string>(access_, limits_, [&](const std::shared_ptr<ApiConnection>& api) {
    return api->create(target, body, kObjectBytes);
  });
}

ApiResult<ListOutcome> ApiReader::list(const WatchedResource& resource,
                                       const std::shared_ptr<ObjectReceiver>& receiver) const {
  for (int attempt = 1;; ++attempt) {
    ApiResult<ListOutcome> list =
        run<ListOutcome>(access_, limits_, [&](const std::shared_ptr<ApiConnection>& api) {
          return fetch_list(api, resource, receiver);
        });
    if (list || list.error().status != 410 || attempt == kListAttempts) return list;
  }
}

}  // namespace cvm::webhook
