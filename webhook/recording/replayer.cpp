#include "webhook/recording/replayer.hpp"

#include <simdjson.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "policies/profiles.hpp"
#include "webhook/kubernetes/base64.hpp"
#include "webhook/kubernetes/pod_watcher.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;

// Both calls of one admission: the second repeats what the first said, and decides.
void add(const ReplayedAnswer& later, ReplayedAnswer& answer) {
  answer.allowed = later.allowed;
  answer.is_cvm = later.is_cvm;
  for (const ReplayedFinding& finding : later.findings) {
    if (std::find(answer.findings.begin(), answer.findings.end(), finding) ==
        answer.findings.end()) {
      answer.findings.push_back(finding);
    }
  }
}

}  // namespace

std::set<std::string> ReplayedAnswer::rules() const {
  std::set<std::string> rules;
  for (const ReplayedFinding& finding : findings) rules.insert(finding.rule + "=" + finding.action);
  return rules;
}

void Replayer::learn(const RecordedCall& call) {
  if (call.request.contains("object")) learn(call, call.request["object"]);
}

void Replayer::learn(const RecordedCall& call, const json& pod) {
  const std::string name = pod.value("/metadata/name"_json_pointer, "");
  if (name.empty() || !pod.contains("spec")) return;
  simdjson::dom::parser parser;
  const auto parsed = parser.parse(pod.dump());
  if (parsed.error() != simdjson::SUCCESS) return;
  if (!pods_.put(call.text("namespace"), name, read_known_pod(parsed.value_unsafe()))) return;
  const auto known = std::make_shared<const KnownPods>(pods_);
  change_each(snapshot_, [&known](Snapshot& each) { each.known_pods = known; });
}

ReplayedAnswer Replayer::play(const RecordedCall& call) {
  if (!call.creates_pod()) {
    if (call.text("operation") == "UPDATE" && call.resource() == "pods") learn(call);
    return ask(Endpoint::kValidate, call, call.request);
  }
  ReplayedAnswer answer = ask(Endpoint::kMutate, call, call.request);
  if (!answer.allowed) return answer;
  json request = call.request;
  request["object"] = answer.object;
  add(ask(Endpoint::kValidate, call, request), answer);
  if (answer.allowed) learn(call, answer.object);
  return answer;
}

ReplayedAnswer Replayer::ask(Endpoint endpoint, const RecordedCall& call, const json& request) {
  const json review = {
      {"apiVersion", "admission.k8s.io/v1"}, {"kind", "AdmissionReview"}, {"request", request}};
  std::string body = review.dump(), text;
  const std::size_t size = body.size();
  body.append(AdmissionHandler::kBodyPadding, '\0');
  handler_.handle(endpoint, std::string_view(body).substr(0, size), snapshot_, text);
  const Decision& decision = handler_.last_decision();
  if (decision.verdict == nullptr) {
    throw std::runtime_error(call.file + ": " + std::string(decision.error));
  }
  ReplayedAnswer answer{
      .allowed = decision.allowed, .is_cvm = decision.is_cvm, .findings = {}, .object = {}};
  for (const Finding& finding : decision.verdict->findings) {
    answer.findings.push_back({std::string(finding.rule), std::string(to_string(finding.action)),
                               finding.message, finding.field});
  }
  if (endpoint == Endpoint::kValidate || !answer.allowed) return answer;
  answer.object = request.at("object");
  const json response = json::parse(text).at("response");
  if (!response.contains("patch")) return answer;
  const auto patch = decode_base64(response["patch"].get_ref<const std::string&>());
  if (!patch) throw std::runtime_error("the patch in the answer is not base64");
  answer.object.patch_inplace(json::parse(*patch));
  return answer;
}

}  // namespace cvm::webhook
