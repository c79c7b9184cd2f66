// Evaluation: what would become of a pod, by the calls that the API server would make.
#pragma once

#include <string>
#include <vector>

#include "policies/engine.hpp"
#include "webhook/admission/admission_handler.hpp"
#include "webhook/commands/pod_documents.hpp"

namespace cvm::webhook {

struct EvaluatedFinding {
  std::string rule, action, message, field;

  bool operator==(const EvaluatedFinding&) const = default;
};

struct Evaluation {
  std::string name;
  bool allowed = false;
  bool is_cvm = false;
  std::string profile;  // that decided; empty: the settings themselves
  std::vector<EvaluatedFinding> findings;
  std::vector<std::string> warnings;         // as kubectl would show them
  OrderedJson patch = OrderedJson::array();  // RFC 6902; empty when there is nothing to change
  OrderedJson object;                        // the pod after the patch
};

// Sends AdmissionReviews for the creation of `pod` through the handler that `serve` has: mutate;
// the patch is applied; mutate again, which must change nothing; validate. Throws Unusable where
// `file` says something that no API server would pass on (a wrong type), and std::runtime_error
// when the webhook contradicts itself.
Evaluation evaluate(const InputFile& file, const PodDocument& pod, const Snapshot& snapshot,
                    AdmissionHandler& handler);

}  // namespace cvm::webhook
