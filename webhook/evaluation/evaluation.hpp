// Evaluation: what would become of a pod, by the calls that the API server would make.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "policies/engine.hpp"
#include "webhook/calls/admission_client.hpp"
#include "webhook/evaluation/pod_documents.hpp"

namespace cvm::webhook {

enum class EvalOperation { kCreate, kUpdate, kExec, kAttach, kPortForward, kProxy };

// What is asked of each object of a file.
struct EvalRequest {
  EvalOperation operation = EvalOperation::kCreate;
  Caller caller = {};
  std::string default_namespace = "default";  // of objects that name none
  std::string container = {};                 // of kExec and kAttach; may be empty
  bool traces_rules = false;                  // for explain_rules()
  // kUpdate: the object as it was; throws Unusable where that is not known.
  std::function<OrderedJson(const PodDocument& object)> before = {};

  std::string namespace_of(const PodDocument& object) const {
    const std::string ns = object.ns();
    return ns.empty() ? default_namespace : ns;
  }
};

// An AdmissionReview with its request and its response.
struct ReviewExchange {
  Endpoint endpoint = Endpoint::kMutate;
  OrderedJson review = {};
};

struct Evaluation {
  const PodDocument* document = nullptr;
  std::string kind = {}, ns = {}, name = {}, display_name = {};
  bool allowed = false;
  bool is_cvm = false;
  std::string profile = {};                  // that decided; empty: the settings themselves
  std::vector<Finding> findings = {};        // their fields are below the object that was given
  std::vector<std::string> warnings = {};    // as kubectl would show them
  OrderedJson patch = OrderedJson::array();  // RFC 6902; empty when there is nothing to change
  OrderedJson before = {};                   // the pod before the patch
  OrderedJson object = {};                   // the pod after the patch
  RuleTrace trace = {};                      // of the calls that decided, where it was asked for
  std::vector<ReviewExchange> reviews = {};  // in their order
};

// Sends AdmissionReviews through the handler that `serve` has. The creation of a pod: mutate; the
// patch is applied; mutate again, which must change nothing; validate. Of an object that makes
// pods: validate the object, and create a pod of its template, as its controller. A connection: the
// pod is created first. Throws Unusable where `file` says something that no API server would pass
// on (a wrong type), and std::runtime_error when the webhook contradicts itself.
Evaluation evaluate(const InputFile& file, const PodDocument& object, const EvalRequest& request,
                    const Snapshot& snapshot, const std::shared_ptr<AdmissionHandler>& handler);

}  // namespace cvm::webhook
