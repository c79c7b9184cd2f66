// RequestHandler: what a session asks to answer a request. Reachable without a socket.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace cvm::webhook {

// The content type of what people read.
inline constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

// The parts of a request's head that are used. Views into the session's buffer.
struct RequestHead {
  std::string_view method;  // "POST"
  std::string_view target;  // "/mutate?timeout=5s"
  std::string_view content_type, content_encoding, expect;
};

enum class Target { kNone, kMutate, kValidate, kHealthz, kReadyz, kMetrics };

// A request that is answered without reading its body.
struct Refusal {
  unsigned status = 0;     // 0: not refused
  std::string message;     // one line, says what was expected
  std::string_view allow;  // for 405: the methods; static storage

  explicit operator bool() const { return status != 0; }
};

// What a request's head asks for. Owns what it says: the head is gone when the body is there.
struct Route {
  Target target = Target::kNone;
  bool verbose = false;    // /readyz?verbose
  bool head_only = false;  // HEAD: the answer's head without its body
  // How long the client waits, by its own account or else by Kubernetes' default.
  std::chrono::milliseconds patience{10'000};
  Refusal refusal;
};

// Something to be learnt before a request can be answered. It ends in time by itself.
class Errand {
 public:
  virtual ~Errand() = default;
  // Does not throw. On the handler's thread.
  virtual boost::asio::awaitable<void> run() = 0;
};

struct Answer {
  unsigned status = 200;
  std::string_view content_type;  // static storage
  // Not null: there is no answer yet, and nothing was appended. Run it, then ask once more with it.
  std::shared_ptr<Errand> errand = nullptr;
};

// Called on one thread. `out` has contents already: an answer's body is appended.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  virtual Route route(const RequestHead& head) = 0;
  // `body` is followed by AdmissionHandler::kBodyPadding addressable bytes.
  // `done`: what an earlier call for the same request gave as errand; null at first.
  virtual Answer answer(const Route& route, std::string_view body, Errand* done,
                        std::string& out) = 0;
};

}  // namespace cvm::webhook
