#include "webhook/kubernetes/api/pod_getter.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "webhook/config/settings_syntax.hpp"
#include "webhook/decode/known_pod_reader.hpp"

namespace cvm::webhook {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr std::size_t kLargestPod = 8 << 20;  // bytes; etcd holds 1.5 MiB an object

ApiLimits limits_within(milliseconds time) {
  ApiLimits limits;
  limits.connect = limits.handshake = limits.response = limits.no_data = time;
  return limits;
}

PodLookup failed_lookup(std::string why) {
  return {.outcome = PodLookup::Outcome::kFailed, .pod = {}, .failure = std::move(why)};
}

PodLookup read(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element pod;
  if (parser.parse(body).get(pod) != simdjson::SUCCESS || !pod.is_object()) {
    return failed_lookup("the API server's answer is no pod");
  }
  return {.outcome = PodLookup::Outcome::kFound, .pod = read_known_pod(pod), .failure = {}};
}

}  // namespace

PodGetter::PodGetter(asio::any_io_executor executor, ClusterAccess access)
    : executor_(std::move(executor)), access_(std::move(access)) {}

PodGetter::~PodGetter() = default;

asio::awaitable<PodLookup> PodGetter::get(std::string ns, std::string name, milliseconds time) {
  PodLookup result;
  // They become a path: what is no name would be another path.
  if (!is_dns_subdomain(ns) || !is_dns_subdomain(name)) {
    result.outcome = PodLookup::Outcome::kAbsent;
    co_return result;
  }
  if (stopped_ || asked_ >= kMostAtOnce) {
    result.failure =
        stopped_ ? "the webhook is shutting down" : "too many pods are asked for at once";
    co_return result;
  }
  ++asked_;
  try {
    const std::string target = fmt::format("/api/v1/namespaces/{}/pods/{}", ns, name);
    const ApiResult<std::string> body = co_await fetch(target, time);
    if (body) {
      result = read(*body);
    } else if (body.error().status == 404) {
      result.outcome = PodLookup::Outcome::kAbsent;
    } else {
      result = failed_lookup(body.error().message);
    }
  } catch (const std::exception& error) {
    result = failed_lookup(error.what());
  }
  --asked_;
  co_return result;
}

PodGetter::Kept PodGetter::take_kept() {
  const auto now = Clock::now();
  while (!kept_.empty()) {
    Kept kept = std::move(kept_.back());
    kept_.pop_back();
    if (now - kept.opened < kKeepConnection) return kept;
  }
  return {};
}

asio::awaitable<ApiResult<std::string>> PodGetter::fetch(const std::string& target,
                                                         milliseconds time) {
  const auto begin = Clock::now();
  if (Kept kept = take_kept(); kept.connection) {
    ApiResult<std::string> body = co_await fetch_on(std::move(kept), target, time, true);
    // The server may have closed a connection that stood idle.
    if (body || body.error().status != 0 || stopped_) co_return body;
  }
  const auto left = time - std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
  if (left <= milliseconds::zero()) co_return ApiError{0, "no answer in time"};
  Kept fresh{std::make_shared<ApiConnection>(executor_, access_, limits_within(left)), begin};
  co_return co_await fetch_on(std::move(fresh), target, left, false);
}

asio::awaitable<ApiResult<std::string>> PodGetter::fetch_on(Kept on, const std::string& target,
                                                            milliseconds time, bool is_open) {
  const std::shared_ptr<ApiConnection> connection = on.connection;
  busy_.push_back(connection);
  // The handler may run after this frame is gone.
  const auto timed_out = std::make_shared<bool>(false);
  asio::steady_timer timer(executor_, time);
  timer.async_wait([connection, timed_out](const boost::system::error_code& error) {
    if (error) return;
    *timed_out = true;
    connection->close();
  });
  ApiResult<std::string> body = std::string();
  if (!is_open) {
    const ApiResult<void> opened = co_await connection->open();
    if (!opened) body = opened.error();
  }
  if (body) body = co_await connection->get(target, kLargestPod);
  timer.cancel();
  std::erase(busy_, connection);
  if (body && !*timed_out && !stopped_) {
    kept_.push_back(std::move(on));
  } else {
    connection->close();
  }
  if (!body && *timed_out) co_return ApiError{0, "no answer in time"};
  co_return body;
}

void PodGetter::stop() {
  stopped_ = true;
  kept_.clear();
  for (const auto& connection : busy_) connection->close();
}

}  // namespace cvm::webhook
