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
#include "policies/rules/rule_trace.hpp"

namespace cvm::webhook {

enum class Endpoint { kMutate, kValidate };

// What became of a call. Views live until the handler's next one.
struct Decision {
  Endpoint endpoint = Endpoint::kMutate;
  // Of the HTTP response: 200 with an AdmissionReview (content type application/json), 400 with one
  // line of text that says what was expected, 500 with one line when a fault came before the review
  // could be opened. 0: awaits_pod.
  unsigned http_status = 0;
  // 200 allowed, 403 refused, 400 not readable, 500 a fault of ours: the status that the user sees.
  unsigned code = 0;
  bool readable = false;  // false: all fields below but `error` may be empty
  bool allowed = false;
  bool is_cvm = false;
  bool dry_run = false;
  bool patched = false;
  // Nothing was answered: ask the API server for the pod `namespace_`/`name`, then call again with
  // what it said as `lookup`.
  bool awaits_pod = false;
  std::string_view uid, operation, resource, subresource, namespace_, name, user;
  const Verdict* verdict = nullptr;  // findings; null unless code is 200 or 403
  std::string_view error;            // 400 and 500: what was wrong; never a text of the pod's own
};

class AdmissionHandler {
 public:
  AdmissionHandler();
  ~AdmissionHandler();

  // Bytes that must be addressable (contents ignored) after the body: simdjson's padding.
  static constexpr std::size_t kBodyPadding = 64;

  // Appends the response's body to `out`. What is wrong inside a review (code 400) and faults while
  // deciding (code 500) are AdmissionReviews that refuse.
  // `body` must be followed by kBodyPadding addressable bytes.
  // `lookup`: what the API server answered when an earlier call for the same body awaited a pod.
  // `trace`: gets what the rules had to do with it, where the review could be read; null: nobody
  // asked.
  Decision handle(Endpoint endpoint, std::string_view body, const Snapshot& snapshot,
                  std::string& out, const PodLookup* lookup = nullptr, RuleTrace* trace = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cvm::webhook
