#include "webhook/admission/admission_handler.hpp"

#include <exception>
#include <string>

#include "policies/model/pod_view.hpp"
#include "policies/scratch.hpp"
#include "webhook/admission/review_decoder.hpp"
#include "webhook/admission/review_encoder.hpp"

namespace cvm::webhook {
namespace {

constexpr std::string_view kFault = "internal error";

void describe(const AdmissionRequest& request, Decision& decision) {
  decision.readable = true;
  decision.dry_run = request.dry_run;
  decision.uid = request.uid;
  decision.operation = to_string(request.operation);
  decision.resource = request.resource.resource;
  decision.subresource = request.subresource;
  decision.namespace_ = request.namespace_;
  decision.name = request.name;
  if (request.name.empty() && request.pod != nullptr) decision.name = request.pod->generate_name;
  decision.user = request.user.username;
}

}  // namespace

struct AdmissionHandler::State {
  ReviewDecoder decoder;
  DecodeFailure failure;
  Scratch scratch;
  Verdict verdict;
  std::string error;                  // the fault's own text; never longer than is reserved
  std::string_view api_version, uid;  // of the review at hand; empty until they are known

  State() { error.reserve(256); }

  void answer(std::string_view body, const Snapshot& snapshot, const PodLookup* lookup,
              Decision& decision, std::string& out);
  void answer_unreadable(Decision& decision, std::string& out) const;
  void answer_fault(Decision& decision, std::string& out) const;
};

AdmissionHandler::AdmissionHandler() : state_(std::make_unique<State>()) {}
AdmissionHandler::~AdmissionHandler() = default;

Decision AdmissionHandler::handle(Endpoint endpoint, std::string_view body,
                                  const Snapshot& snapshot, std::string& out,
                                  const PodLookup* lookup, RuleTrace* trace) {
  const std::size_t start = out.size();
  State& state = *state_;
  Decision decision;
  decision.endpoint = endpoint;
  state.api_version = state.uid = {};
  state.scratch.trace = TracePen(trace);
  // The one catch: a rule that throws, or memory that runs out, refuses this request and no other.
  try {
    state.answer(body, snapshot, lookup, decision, out);
    return decision;
  } catch (const std::exception& fault) {
    // Cut to what is reserved: when memory has run out, this must not need more.
    state.error.assign(std::string_view(fault.what()).substr(0, state.error.capacity()));
  } catch (...) {
    state.error.clear();
  }
  out.resize(start);
  try {
    state.answer_fault(decision, out);
  } catch (const std::exception&) {
    out.resize(start);  // no memory for the answer: an empty one
    decision.http_status = 500;
  }
  return decision;
}

void AdmissionHandler::State::answer(std::string_view body, const Snapshot& snapshot,
                                     const PodLookup* lookup, Decision& decision,
                                     std::string& out) {
  const AdmissionRequest* const request = decoder.decode(body, failure);
  if (request == nullptr) return answer_unreadable(decision, out);
  api_version = request->api_version;
  uid = request->uid;
  describe(*request, decision);

  if (decision.endpoint == Endpoint::kMutate) {
    mutate(*request, snapshot, scratch, verdict);
  } else {
    validate(*request, snapshot, scratch, verdict, lookup);
  }
  decision.awaits_pod = verdict.awaits_pod;
  if (verdict.awaits_pod) return;
  encode_verdict(api_version, uid, verdict, out);
  decision.http_status = 200;
  decision.code = verdict.allowed ? 200 : 403;
  decision.allowed = verdict.allowed;
  decision.is_cvm = verdict.is_cvm;
  decision.patched = verdict.allowed && !verdict.patch.empty();
  decision.verdict = &verdict;
}

void AdmissionHandler::State::answer_unreadable(Decision& decision, std::string& out) const {
  decision.code = 400;
  decision.uid = failure.uid;
  decision.error = failure.message;
  if (failure.uid.empty()) {
    out += failure.message;
    out += '\n';
    decision.http_status = 400;
    return;
  }
  encode_error(failure.api_version, failure.uid, 400, failure.message, out);
  decision.http_status = 200;
}

void AdmissionHandler::State::answer_fault(Decision& decision, std::string& out) const {
  decision.code = 500;
  decision.allowed = decision.is_cvm = decision.patched = false;
  decision.verdict = nullptr;
  decision.error = error.empty() ? kFault : std::string_view(error);
  if (uid.empty()) {
    out += kFault;
    out += '\n';
    decision.http_status = 500;
    return;
  }
  encode_error(api_version, uid, 500, kFault, out);
  decision.http_status = 200;
}

}  // namespace cvm::webhook
