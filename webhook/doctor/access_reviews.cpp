#include "webhook/doctor/access_reviews.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

namespace cvm::webhook {
namespace {

constexpr std::string_view kApi = "/apis/authorization.k8s.io/v1/";

// manifests/base/rbac.yaml; a test compares them.
struct NeededAccess {
  std::string_view group, resource;
  std::array<std::string_view, 4> verbs;  // the rest is empty
};
constexpr NeededAccess kNeeded[] = {
    {"", "nodes", {"get", "list", "watch", "patch"}},
    {"", "pods", {"get", "list", "watch"}},
    {"", "namespaces", {"list", "watch"}},
    {"", "persistentvolumes", {"list", "watch"}},
    {"node.k8s.io", "runtimeclasses", {"list", "watch"}},
};

std::string account_of(const ClusterFacts& facts) {
  const DeploymentFacts* deployment = facts.deployment();
  const bool is_named = deployment != nullptr && !deployment->service_account.empty();
  return fmt::format("system:serviceaccount:{}:{}", facts.webhook_namespace(),
                     is_named ? deployment->service_account : "cvm-webhook");
}

nlohmann::json review_of(const AccessAnswer& question, const std::string& account) {
  const bool of_ourselves = account.empty();
  nlohmann::json spec = {
      {"resourceAttributes",
       {{"verb", question.verb}, {"group", question.group}, {"resource", question.resource}}}};
  if (!of_ourselves) {
    spec["user"] = account;
    spec["groups"] = {"system:serviceaccounts", "system:authenticated"};
  }
  return {{"apiVersion", "authorization.k8s.io/v1"},
          {"kind", of_ourselves ? "SelfSubjectAccessReview" : "SubjectAccessReview"},
          {"spec", std::move(spec)}};
}

ApiResult<bool> ask(const ApiReader& reader, const AccessAnswer& question,
                    const std::string& account) {
  const std::string target =
      std::string(kApi) + (account.empty() ? "selfsubjectaccessreviews" : "subjectaccessreviews");
  const ApiResult<std::string> answer = reader.review(target, review_of(question, account).dump());
  if (!answer) return answer.error();
  const nlohmann::json review = nlohmann::json::parse(*answer, nullptr, false);
  if (!review.is_object()) return ApiError{0, "the answer to an access review is no JSON object"};
  return ApiResult<bool>(boost::system::in_place_value,
                         review.value("/status/allowed"_json_pointer, false));
}

}  // namespace

void review_access(const ApiReader& reader, bool of_ourselves, ClusterFacts& facts) {
  const std::string account = of_ourselves ? std::string() : account_of(facts);
  for (const NeededAccess& needed : kNeeded) {
    for (const std::string_view verb : needed.verbs) {
      if (verb.empty()) break;
      AccessAnswer question{std::string(verb), std::string(needed.group),
                            std::string(needed.resource), false};
      const ApiResult<bool> allowed = ask(reader, question, account);
      if (!allowed) {
        facts.access.clear();
        facts.access_unknown = allowed.error().message;
        return;
      }
      question.allowed = *allowed;
      facts.access.push_back(std::move(question));
    }
  }
}

}  // namespace cvm::webhook
