#include "webhook/kubernetes/api/api_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "certs/files.hpp"
#include "webhook/kubernetes/access/client_tls.hpp"
#include "webhook/kubernetes/api/api_errors.hpp"

namespace cvm::webhook {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kReadSize = 64 << 10;
// What has arrived is read without a detour over the executor, which a TLS record of 16 KB is too
// small for; but others on the same thread get their turn.
constexpr int kReadsAtOnce = 16;
constexpr std::size_t kErrorBodyLimit = 64 << 10;

}  // namespace

struct ApiConnection::Impl {
  using Parser = http::response_parser<http::string_body>;

  Impl(asio::any_io_executor executor_in, const ClusterAccess& access_in,
       const ApiLimits& limits_in)
      : executor(std::move(executor_in)), access(access_in), limits(limits_in), tcp(executor) {}

  beast::tcp_stream& lowest() { return tls ? tls->next_layer() : tcp; }

  std::string address() const {
    const bool v6 = access.host.find(':') != std::string::npos;
    return fmt::format("{}:{}", v6 ? fmt::format("[{}]", access.host) : access.host, access.port);
  }

  ApiError failure(const std::string& what, const std::string& why) const {
    return {0, fmt::format("{} {}: {}", what, address(), why)};
  }

  asio::awaitable<ApiResult<void>> connect();
  asio::awaitable<ApiResult<void>> handshake();
  asio::awaitable<ApiResult<void>> send(std::string request);
  asio::awaitable<ApiResult<void>> ask(http::verb method, std::string target, std::string body);
  asio::awaitable<ApiResult<void>> read_header();
  asio::awaitable<std::size_t> read_some(asio::mutable_buffer buffer, error_code& error);
  asio::awaitable<error_code> read_more();
  asio::awaitable<ApiError> refusal();
  // "GET /api/v1/nodes from": how errors begin.
  std::string request_from() const { return fmt::format("{} {} from", to_string(method), target); }

  asio::any_io_executor executor;
  ClusterAccess access;
  ApiLimits limits;
  std::string token;
  http::verb method = http::verb::get;  // of the request at hand
  std::string target;
  bool closed = false;
  std::size_t last_body_bytes = 0;
  int reads_at_once = 0;

  // The TLS context outlives its stream. Until the handshake, and without TLS for good, the
  // connection is `tcp`; then it is inside `tls`.
  std::unique_ptr<asio::ssl::context> tls_context;
  beast::tcp_stream tcp;
  std::optional<asio::ssl::stream<beast::tcp_stream>> tls;
  beast::flat_buffer buffer;
  std::optional<Parser> parser;
};

asio::awaitable<ApiResult<void>> ApiConnection::Impl::connect() {
  std::vector<tcp::endpoint> endpoints;
  error_code error;
  const asio::ip::address literal = asio::ip::make_address(access.host, error);
  if (!error) {
    endpoints.emplace_back(literal, static_cast<unsigned short>(std::stoi(access.port)));
  } else {
    tcp::resolver resolver(executor);
    error = {};
    const tcp::resolver::results_type found = co_await resolver.async_resolve(
        access.host, access.port, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return failure("cannot find", error.message());
    if (closed) co_return failure("connection to", "closed");
    endpoints.assign(found.begin(), found.end());
  }
  error = {};
  tcp.expires_after(limits.connect);
  co_await tcp.async_connect(endpoints, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failure("cannot connect to", error.message());
  if (closed) co_return failure("connection to", "closed");
  // A peer that vanished is noticed while a watch is silent.
  tcp.socket().set_option(asio::socket_base::keep_alive(true), error);
  tcp.socket().set_option(tcp::no_delay(true), error);
  tcp.socket().non_blocking(true, error);  // for reads of what has arrived
  co_return ApiResult<void>();
}

asio::awaitable<ApiResult<void>> ApiConnection::Impl::handshake() {
  Result<std::unique_ptr<asio::ssl::context>> made = make_client_tls(access);
  if (!made) co_return failure("no TLS with", made.error().message);
  tls_context = std::move(*made);
  tls.emplace(std::move(tcp), *tls_context);
  if (const Result<void> expected = expect_server(tls->native_handle(), access); !expected) {
    co_return failure("no TLS with", expected.error().message);
  }
  error_code error;
  tls->next_layer().expires_after(limits.handshake);
  co_await tls->async_handshake(asio::ssl::stream_base::client,
                                asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    co_return failure("no TLS with", handshake_failure(tls->native_handle(), error));
  }
  co_return ApiResult<void>();
}

asio::awaitable<ApiResult<void>> ApiConnection::Impl::send(std::string request) {
  error_code error;
  lowest().expires_after(limits.response);
  if (tls) {
    co_await asio::async_write(*tls, asio::buffer(request),
                               asio::redirect_error(asio::use_awaitable, error));
  } else {
    co_await asio::async_write(tcp, asio::buffer(request),
                               asio::redirect_error(asio::use_awaitable, error));
  }
  if (error) co_return failure("cannot write to", error.message());
  co_return ApiResult<void>();
}

asio::awaitable<std::size_t> ApiConnection::Impl::read_some(asio::mutable_buffer into,
                                                            error_code& error) {
  if (reads_at_once < kReadsAtOnce) {
    ++reads_at_once;
    const std::size_t count = tls ? tls->read_some(into, error) : tcp.read_some(into, error);
    if (error != asio::error::would_block) co_return count;
    error = {};
  }
  reads_at_once = 0;
  if (tls)
    co_return co_await tls->async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
  co_return co_await tcp.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<ApiResult<void>> ApiConnection::Impl::ask(http::verb method_in,
                                                          std::string target_in, std::string body) {
  method = method_in;
  target = std::move(target_in);
  // Whoever puts a name into a target encodes it; one that was forgotten must not become a request
  // of its own.
  const bool is_one_line = std::all_of(target.begin(), target.end(),
                                       [](unsigned char c) { return c > ' ' && c != 0x7f; });
  if (!is_one_line)
    co_return failure("not asked of", "the target has a blank or control character");
  http::request<http::string_body> request(method, access.path_prefix + target, 11);
  request.set(http::field::host, address());
  request.set(http::field::accept, "application/json");
  request.set(http::field::user_agent, "cvm-webhook");
  if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
  if (method != http::verb::get) {
    request.set(http::field::content_type,
                method == http::verb::patch ? "application/apply-patch+yaml" : "application/json");
    request.body() = std::move(body);
    request.prepare_payload();
  }
  std::ostringstream text;
  text << request;
  const std::string bytes = text.str();
  const ApiResult<void> sent = co_await send(bytes);
  if (!sent) co_return sent.error();
  const ApiResult<void> answered = co_await read_header();
  co_return answered;
}

// Gives the parser what is there, and reads more once it wants more.
asio::awaitable<error_code> ApiConnection::Impl::read_more() {
  error_code error;
  if (buffer.size() > 0) {
    const std::size_t used = parser->put(buffer.data(), error);
    buffer.consume(used);
    if (error != http::error::need_more) co_return error;
  }
  if (buffer.size() > kReadSize) co_return http::error::buffer_overflow;
  error = {};
  const std::size_t count = co_await read_some(buffer.prepare(kReadSize), error);
  if (closed) co_return asio::error::operation_aborted;
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
    if (!parser->got_some()) co_return http::error::end_of_stream;
    error = {};
    parser->put_eof(error);
    if (!error && !parser->is_done()) error = http::error::partial_message;
    co_return error;
  }
  if (error) co_return error;
  buffer.commit(count);
  const std::size_t used = parser->put(buffer.data(), error);
  buffer.consume(used);
  if (error == http::error::need_more) error = {};
  co_return error;
}

asio::awaitable<ApiResult<void>> ApiConnection::Impl::read_header() {
  parser.emplace();
  parser->eager(true);
  parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser->body_limit(boost::none);
  lowest().expires_after(limits.response);
  while (!parser->is_header_done()) {
    const error_code error = co_await read_more();
    if (error) co_return failure(request_from(), reason_of(error));
  }
  if (parser->get().result_int() / 100 == 2) co_return ApiResult<void>();
  co_return co_await refusal();
}

asio::awaitable<ApiError> ApiConnection::Impl::refusal() {
  const unsigned status = parser->get().result_int();
  std::ostringstream line;
  line << request_from() << ' ' << address() << ": " << status << ' '
       << std::string(parser->get().reason());
  if (status >= 300 && status < 400) {
    line << ": redirects are not followed; the server's own address is expected, it names \""
         << std::string(parser->get()[http::field::location]) << '"';
    co_return ApiError{status, line.str()};
  }
  error_code error;
  while (!error && !parser->is_done() && parser->get().body().size() < kErrorBodyLimit) {
    error = co_await read_more();
  }
  const std::string text = failure_text(parser->get().body());
  if (!text.empty()) line << ": " << text;
  line << advice(status, method, target);
  co_return ApiError{status, line.str()};
}

ApiConnection::ApiConnection(asio::any_io_executor executor, const ClusterAccess& access,
                             const ApiLimits& limits)
    : impl_(std::make_unique<Impl>(std::move(executor), access, limits)) {}

ApiConnection::~ApiConnection() = default;

asio::awaitable<ApiResult<void>> ApiConnection::open() {
  impl_->token = impl_->access.token;
  if (!impl_->access.token_file.empty()) {
    const certs::Result<std::string> read = certs::read_file(impl_->access.token_file);
    // As client-go: a token that is given as well stands in for a file that cannot be read.
    if (!read && impl_->token.empty()) co_return ApiError{0, read.error().message};
    if (read) impl_->token = trimmed(*read);
  }
  ApiResult<void> done = co_await impl_->connect();
  if (!done || !impl_->access.tls) co_return done;
  done = co_await impl_->handshake();
  co_return done;
}

asio::awaitable<ApiResult<void>> ApiConnection::start_get(std::string target) {
  ApiResult<void> answered = co_await impl_->ask(http::verb::get, target, {});
  co_return answered;
}

asio::awaitable<ApiResult<std::string>> ApiConnection::read_piece() {
  Impl& impl = *impl_;
  std::string& body = impl.parser->get().body();
  while (body.empty() && !impl.parser->is_done()) {
    impl.lowest().expires_after(impl.limits.no_data);
    const error_code error = co_await impl.read_more();
    if (error) co_return impl.failure("reading from", reason_of(error));
  }
  co_return ApiResult<std::string>(boost::system::in_place_value, std::exchange(body, {}));
}

asio::awaitable<ApiResult<std::string>> ApiConnection::get(std::string target, std::size_t limit,
                                                           std::string into) {
  const ApiResult<void> started = co_await impl_->ask(http::verb::get, target, {});
  if (!started) co_return started.error();
  ApiResult<std::string> body = co_await read_body(limit, std::move(into));
  co_return body;
}

asio::awaitable<ApiResult<std::string>> ApiConnection::apply(std::string target, std::string body,
                                                             std::size_t limit) {
  const ApiResult<void> started = co_await impl_->ask(http::verb::patch, target, body);
  if (!started) co_return started.error();
  ApiResult<std::string> answer = co_await read_body(limit, std::string());
  co_return answer;
}

asio::awaitable<ApiResult<std::string>> ApiConnection::create(std::string target, std::string body,
                                                              std::size_t limit) {
  const ApiResult<void> started = co_await impl_->ask(http::verb::post, target, body);
  if (!started) co_return started.error();
  ApiResult<std::string> answer = co_await read_body(limit, std::string());
  co_return answer;
}

asio::awaitable<ApiResult<std::string>> ApiConnection::read_body(std::size_t limit,
                                                                 std::string into) {
  Impl& impl = *impl_;
  std::string& body = impl.parser->get().body();
  // The pages of a list are about as long as each other.
  into.assign(body);  // what came with the header
  body.swap(into);
  body.reserve(impl.last_body_bytes + impl.last_body_bytes / 8);
  for (;;) {
    if (body.size() > limit) {
      co_return impl.failure(impl.request_from(),
                             fmt::format("the response has more than {} bytes", limit));
    }
    if (impl.parser->is_done()) break;
    impl.lowest().expires_after(impl.limits.no_data);
    const error_code error = co_await impl.read_more();
    if (error) co_return impl.failure("reading from", reason_of(error));
  }
  impl.last_body_bytes = body.size();
  co_return ApiResult<std::string>(boost::system::in_place_value, std::exchange(body, {}));
}

void ApiConnection::close() {
  impl_->closed = true;
  impl_->lowest().close();
}

}  // namespace cvm::webhook
