// Asks the admission handler, as the API server would, and reads its answers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/engine.hpp"
#include "webhook/admission/admission_handler.hpp"

namespace cvm::webhook {

struct AdmissionAnswer {
  bool allowed = false;
  bool is_cvm = false;
  std::string profile;  // that decided; empty: the settings themselves
  std::vector<Finding> findings;
  std::vector<std::string> warnings;
  // An array of operations, keys as they were sent; null when the answer has none.
  nlohmann::ordered_json patch;
  std::string message;  // status.message
  RuleTrace trace;      // empty, unless the client traces
};

// The review says something that no API server would send: a wrong type, say. what() is the
// decoder's: "request.object.spec.hostNetwork: expected true or false, found a string".
class UnreadableReview : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Caller {
  std::string name = "alice";
  std::vector<std::string> groups = {"system:authenticated"};
};

// What both calls of one admission say: the second repeats what the first said, and decides.
AdmissionAnswer join(AdmissionAnswer first, AdmissionAnswer last);

// A review as it is sent; it may be sent more than once.
struct PreparedReview {
  std::string body;  // followed by the padding that the handler asks for
  std::size_t size = 0;
  std::string uid;
};

// All calls throw UnreadableReview, and std::runtime_error when the answer is no well-formed
// AdmissionReview.
class AdmissionClient {
 public:
  // `handler`: one that another client of the same thread has; null: a new one. Pods are in `ns`,
  // whatever they say.
  explicit AdmissionClient(Snapshot snapshot, Caller caller = {},
                           std::shared_ptr<AdmissionHandler> handler = nullptr,
                           std::string ns = kNamespace);

  // Called with each review that is sent and its answer, both as JSON text.
  using OnExchange =
      std::function<void(Endpoint endpoint, std::string_view review, std::string_view answer)>;
  void on_exchange(OnExchange on_exchange) { on_exchange_ = std::move(on_exchange); }

  // From now on answers say what every rule had to do with them.
  void trace_rules() { traces_ = true; }

  // CREATE of `pod`. Json: nlohmann::json or ordered_json, whose order the review then has.
  template <typename Json>
  AdmissionAnswer mutate(const Json& pod) {
    return send(Endpoint::kMutate, prepare(pod));
  }
  template <typename Json>
  AdmissionAnswer validate(const Json& pod) {
    return send(Endpoint::kValidate, prepare(pod));
  }

  // CREATE or, where `before` is not null, UPDATE of an object that pods are made by. `object` has
  // an apiVersion and a kind.
  AdmissionAnswer validate_maker(const nlohmann::json& before, const nlohmann::json& object);

  // UPDATE of a pod, or of one of its subresources.
  AdmissionAnswer change(const nlohmann::json& before, const nlohmann::json& after,
                         const std::string& subresource = "");
  // CONNECT of pods/<subresource> of the pod of that name; `container` may be empty.
  AdmissionAnswer connect(const std::string& pod, const std::string& subresource,
                          const std::string& container);
  // CREATE of pods/binding of `pod`, which has a name: a binding to `node` that brings labels and
  // annotations.
  AdmissionAnswer bind(const nlohmann::json& pod, const std::string& node,
                       const std::map<std::string, std::string>& labels,
                       const std::map<std::string, std::string>& annotations);
  // UPDATE of the namespace of the pods.
  AdmissionAnswer relabel_namespace(const nlohmann::json& before, const nlohmann::json& after);

  // CREATE of `pod`, for several calls.
  template <typename Json>
  PreparedReview prepare(const Json& pod) const;
  // A whole AdmissionReview.
  static PreparedReview prepare_review(const nlohmann::json& review);
  AdmissionAnswer send(Endpoint endpoint, const PreparedReview& review);

  static constexpr const char* kNamespace = "workspaces";

  Snapshot& snapshot() { return snapshot_; }
  const Snapshot& snapshot() const { return snapshot_; }

 private:
  AdmissionAnswer send_later(const nlohmann::json& review) {
    return send(Endpoint::kValidate, prepare_review(review));
  }
  nlohmann::json review_of(const nlohmann::json& object) const;

  Snapshot snapshot_;
  Caller caller_;
  std::string namespace_;
  std::shared_ptr<AdmissionHandler> handler_;
  OnExchange on_exchange_;
  bool traces_ = false;
};

}  // namespace cvm::webhook
