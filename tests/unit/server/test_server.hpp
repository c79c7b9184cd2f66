// TestServer: listener, worker and sessions with a handler that needs no decision.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <string>
#include <thread>

#include "certs/certificate.hpp"
#include "webhook/server/listener.hpp"
#include "webhook/server/tls_context.hpp"
#include "webhook/server/worker.hpp"

namespace cvm::webhook {

struct TestCertificates {
  certs::KeyPair ca;
  certs::KeyPair serving;
};

// For localhost and 127.0.0.1, from a CA of its own or from `ca`.
inline TestCertificates make_certificates(const certs::KeyPair* ca = nullptr) {
  const auto now = std::chrono::system_clock::now();
  TestCertificates made;
  made.ca = ca != nullptr ? *ca : certs::issue_ca({}, now).value();
  certs::ServingOptions options;
  options.dns_names = {"localhost"};
  options.ip_addresses = {"127.0.0.1"};
  made.serving = certs::issue_serving(made.ca, options, now).value();
  return made;
}

// Takes some turns of the thread, and counts that it ran.
class SlowErrand final : public Errand {
 public:
  boost::asio::awaitable<void> run() override {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    std::chrono::milliseconds(20));
    co_await timer.async_wait(boost::asio::use_awaitable);
    ++runs;
  }
  int runs = 0;
};

// Any path but /missing: "METHOD-less echo": the body, or "empty". /big: 8 MiB. /fault: throws.
// /errand: after an errand, how often that ran and the body.
class EchoHandler final : public RequestHandler {
 public:
  Route route(const RequestHead& head) override {
    Route route;
    route.head_only = head.method == "HEAD";
    route.target = Target::kMutate;
    if (head.target == "/missing") route.refusal = {404, "expected another path", {}};
    if (head.target == "/big") route.target = Target::kMetrics;
    if (head.target == "/errand") route.target = Target::kValidate;
    if (head.target == "/fault") route.target = Target::kNone;
    return route;
  }
  Answer answer(const Route& route, std::string_view body, Errand* done,
                std::string& out) override {
    if (route.target == Target::kNone) throw std::runtime_error("a fault");
    if (route.target == Target::kValidate) {
      if (done == nullptr) return {0, {}, std::make_shared<SlowErrand>()};
      out += std::to_string(static_cast<SlowErrand*>(done)->runs) + " " + std::string(body);
    } else if (route.target == Target::kMetrics) {
      out.append(8 << 20, 'x');
    } else {
      out += body.empty() ? "empty" : body;
    }
    return {200, "text/plain"};
  }
};

inline Limits short_limits() {
  Limits limits;
  limits.max_body_bytes = 100'000;
  limits.sweep_interval = std::chrono::milliseconds(20);
  return limits;
}

class TestServer {
 public:
  explicit TestServer(Limits limits = short_limits(), bool tls = true) : limits_(limits) {
    if (tls) {
      tls_ = make_tls_context(certificates.serving.certificate_pem, certificates.serving.key_pem)
                 .value();
    }
    std::vector<Destination> destinations;
    destinations.push_back({worker_.executor(), [this](boost::asio::ip::tcp::socket socket) {
                              worker_.open(std::move(socket), tls_);
                            }});
    listener_ = std::make_unique<Listener>(control_.get_executor(), parse_address("127.0.0.1:0"),
                                           std::move(destinations), limits_, connections_,
                                           service_counters, control_log_);
    port = listener_->address().port();
    listener_->start();
    worker_.start();
    thread_ = std::thread([this] { control_.run(); });
  }

  ~TestServer() {
    boost::asio::post(control_, [this] { listener_->stop(); });
    guard_.reset();
    thread_.join();
    worker_.stop();
  }

  Worker& worker() { return worker_; }
  std::size_t open_connections() const { return connections_.load(); }

  // Waits for up to 10 s.
  template <typename Condition>
  static bool eventually(Condition&& condition) {
    for (int tries = 0; tries < 2000; ++tries) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  const TestCertificates certificates = make_certificates();
  unsigned short port = 0;
  ConnectionCounters counters;
  ServiceCounters service_counters;

 private:
  const Limits limits_;
  std::shared_ptr<LogOutput> output_ = std::make_shared<LogOutput>(STDERR_FILENO);
  EventLog log_{LogFormat::kText, EventLog::Level::critical, output_};
  EventLog control_log_{LogFormat::kText, EventLog::Level::critical, output_};
  EchoHandler handler_;
  ConnectionCount connections_{0};
  TlsContext tls_;
  boost::asio::io_context control_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      control_.get_executor()};
  Worker worker_{{handler_, limits_, connections_, counters, log_}};
  std::unique_ptr<Listener> listener_;
  std::thread thread_;
};

}  // namespace cvm::webhook
