// Asks the admission handler about pods, as the API server would, and reads its answers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "policies/engine.hpp"
#include "webhook/admission/admission_handler.hpp"

namespace cvm::testing {

struct AdmissionAnswer {
  bool allowed = false;
  bool is_cvm = false;
  std::string profile;  // that decided
  std::vector<Finding> findings;
  std::vector<std::string> warnings;
  nlohmann::json patch;  // an array of operations; null when the answer has none
  std::string message;   // status.message
};

class AdmissionClient {
 public:
  explicit AdmissionClient(Snapshot snapshot) : snapshot_(std::move(snapshot)) {}

  // CREATE of `pod`. Throws std::runtime_error when the answer is no well-formed AdmissionReview.
  AdmissionAnswer mutate(const nlohmann::json& pod) {
    return call(webhook::Endpoint::kMutate, pod);
  }
  AdmissionAnswer validate(const nlohmann::json& pod) {
    return call(webhook::Endpoint::kValidate, pod);
  }

  // UPDATE of a pod, or of one of its subresources.
  AdmissionAnswer change(const nlohmann::json& before, const nlohmann::json& after,
                         const std::string& subresource = "");
  // CONNECT of pods/<subresource> of the pod of that name; `container` may be empty.
  AdmissionAnswer connect(const std::string& pod, const std::string& subresource,
                          const std::string& container);
  // UPDATE of the namespace of the pods.
  AdmissionAnswer relabel_namespace(const nlohmann::json& before, const nlohmann::json& after);

  static constexpr const char* kNamespace = "workspaces";

  Snapshot& snapshot() { return snapshot_; }
  const Snapshot& snapshot() const { return snapshot_; }

 private:
  AdmissionAnswer call(webhook::Endpoint endpoint, const nlohmann::json& pod);
  AdmissionAnswer send(webhook::Endpoint endpoint, const nlohmann::json& review);

  Snapshot snapshot_;
  webhook::AdmissionHandler handler_;
};

}  // namespace cvm::testing
