// Replayer: asks recorded calls again, of other settings and nodes.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "policies/engine.hpp"
#include "webhook/calls/admission_client.hpp"
#include "webhook/recording/recording.hpp"

namespace cvm::webhook {

struct ReplayedFinding {
  std::string rule, action, message, field;

  bool operator==(const ReplayedFinding&) const = default;
};

struct ReplayedAnswer {
  // Why nothing was decided: the recording does not say enough, or the request cannot be read.
  // Empty: something was.
  std::string unjudged;
  bool allowed = false;
  bool is_cvm = false;
  std::vector<ReplayedFinding> findings = {};
  nlohmann::json object = {};  // of a creation: the pod after the patch; null otherwise

  std::set<std::string> rules() const;  // "gpu-cloud=deny"
};

class Replayer {
 public:
  explicit Replayer(Snapshot snapshot) : client_(std::move(snapshot)) {}

  // Makes what later calls about pods depend on known: call it for every follow-up first.
  void learn(const RecordedCall& call);

  // A creation is made whole: the mutating call, its patch, the validating call.
  ReplayedAnswer play(const RecordedCall& call);

 private:
  ReplayedAnswer decide(const RecordedCall& call);
  AdmissionAnswer ask(Endpoint endpoint, const nlohmann::json& request);
  void learn(const RecordedCall& call, const nlohmann::json& pod);

  AdmissionClient client_;
  KnownPods pods_;
};

}  // namespace cvm::webhook
