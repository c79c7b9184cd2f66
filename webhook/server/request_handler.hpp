// RequestHandler: what a session asks to answer a request. Reachable without a socket.
#pragma once

#include <string>
#include <string_view>

namespace cvm::webhook {

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
  Refusal refusal;
};

struct Answer {
  unsigned status = 200;
  std::string_view content_type;  // static storage
};

// Called on one thread. `out` has contents already: an answer's body is appended.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  virtual Route route(const RequestHead& head) = 0;
  // `body` is followed by AdmissionHandler::kBodyPadding addressable bytes.
  virtual Answer answer(const Route& route, std::string_view body, std::string& out) = 0;
};

}  // namespace cvm::webhook
