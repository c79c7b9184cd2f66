// ReviewDecoder: AdmissionReview bytes -> AdmissionRequest, once, with simdjson's DOM.
//
// Keeps its parser and arena between calls; what it returned is valid until the next call.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "policies/model/admission_request.hpp"
#include "policies/model/result.hpp"

namespace cvm::webhook {

// "CREATE"...: as the review writes it.
std::string_view to_string(Operation operation);

struct DecodeFailure {
  // "request.object.spec.containers[0].name: expected a string, found a number"
  std::string message;
  // The uid and apiVersion of the review when these could be read: the failure is then answered by
  // an AdmissionReview that refuses with code 400; otherwise by HTTP 400.
  std::string_view uid, api_version;
};

class ReviewDecoder {
 public:
  ReviewDecoder();
  ~ReviewDecoder();

  // Nesting deeper than this is refused.
  static constexpr std::size_t kMaxDepth = 128;

  // `body` must be followed by AdmissionHandler::kBodyPadding addressable bytes.
  // On failure returns nullptr and fills `failure`. Throws std::bad_alloc.
  const AdmissionRequest* decode(std::string_view body, DecodeFailure& failure);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cvm::webhook
