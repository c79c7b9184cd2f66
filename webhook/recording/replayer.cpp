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

// What is no pod makes nothing known.
void Replayer::learn(const RecordedCall& call, const json& pod) {
  const auto place = "/metadata/name"_json_pointer;
  if (!pod.is_object() || !pod.contains("spec") || !pod.contains(place)) return;
  if (!pod.at(place).is_string()) return;
  const std::string name = pod.at(place);
  simdjson::dom::parser parser;
  const auto parsed = parser.parse(pod.dump());
  if (parsed.error() != simdjson::SUCCESS) return;
  const std::string ns = call.text("namespace");
  KnownPod known_pod = read_known_pod(parsed.value_unsafe());
  // The mutating call is made before the API server gives one.
  const KnownPod* const before = pods_.find(ns, name);
  if (known_pod.uid.empty() && before != nullptr) known_pod.uid = before->uid;
  if (!pods_.put(ns, name, std::move(known_pod))) return;
  const auto known = std::make_shared<const KnownPods>(pods_);
  change_each(snapshot_, [&known](Snapshot& each) { each.known_pods = known; });
}

ReplayedAnswer Replayer::play(const RecordedCall& call) {
  const std::string resource = call.resource();
  const bool is_about_pod =
      call.text("operation") == "CONNECT" || resource == "pods/binding" || resource == "bindings";
  if (call.answer && call.answer->break_glass) {
    return {.unjudged = "was let through by isolation.breakGlass, and who asked is not recorded"};
  }
  if (is_about_pod && pods_.find(call.text("namespace"), call.text("name")) == nullptr) {
    return {.unjudged = "the recording does not say what the pod is"};
  }
  try {
    return decide(call);
  } catch (const std::exception& error) {
    return {.unjudged = error.what()};
  }
}

ReplayedAnswer Replayer::decide(const RecordedCall& call) {
  if (!call.creates_pod()) {
    if (call.text("operation") == "UPDATE" && call.resource() == "pods") learn(call);
    return ask(Endpoint::kValidate, call.request);
  }
  ReplayedAnswer answer = ask(Endpoint::kMutate, call.request);
  if (!answer.allowed) return answer;
  json request = call.request;
  request["object"] = answer.object;
  add(ask(Endpoint::kValidate, request), answer);
  if (answer.allowed) learn(call, answer.object);
  return answer;
}

ReplayedAnswer Replayer::ask(Endpoint endpoint, const json& request) {
  const json review = {
      {"apiVersion", "admission.k8s.io/v1"}, {"kind", "AdmissionReview"}, {"request", request}};
  std::string body = review.dump(), text;
  const std::size_t size = body.size();
  body.append(AdmissionHandler::kBodyPadding, '\0');
  handler_.handle(endpoint, std::string_view(body).substr(0, size), snapshot_, text);
  const Decision& decision = handler_.last_decision();
  if (decision.verdict == nullptr) {
    throw std::runtime_error(std::string(decision.error));
  }
  ReplayedAnswer answer{.unjudged = {},
                        .allowed = decision.allowed,
                        .is_cvm = decision.is_cvm,
                        .findings = {},
                        .object = {}};
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
