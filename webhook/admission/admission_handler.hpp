// AdmissionHandler: the bytes of an AdmissionReview in, the bytes of its answer out.
//
// The one way to a Verdict for `serve`, `eval` and the tests. Reachable without a socket. One
// handler serves one thread; it keeps its parser and memory between calls. Never throws, never
// waits, never locks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "policies/engine.hpp"

namespace cvm::webhook {

enum class Endpoint { kMutate, kValidate };

// What was decided, for the log line and the metrics. Views live until the next call of handle().
struct Decision {
  Endpoint endpoint = Endpoint::kMutate;
  bool readable = false;  // false: the answer is a 4xx and the fields below are empty
  bool allowed = false;
  bool is_cvm = false;
  bool dry_run = false;
  bool patched = false;
  std::string_view uid, operation, resource, subresource, namespace_, name, user;
  const Verdict* verdict = nullptr;  // findings; null when not readable
};

class AdmissionHandler {
 public:
  AdmissionHandler();
  ~AdmissionHandler();

  // Bytes that must be addressable (contents ignored) after the body: simdjson's padding.
  static constexpr std::size_t kBodyPadding = 64;

  // Appends the response's body to `out` and returns the HTTP status: 200 with an AdmissionReview
  // (content type application/json), or 400 with one line of text that says what was expected.
  // `body` must be followed by kBodyPadding addressable bytes.
  unsigned handle(Endpoint endpoint, std::string_view body, const Snapshot& snapshot,
                  std::string& out);

  const Decision& last_decision() const { return decision_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  Decision decision_;
};

}  // namespace cvm::webhook
