#include "webhook/recording/replayer.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "policies/profiles/profiles.hpp"
#include "webhook/decode/known_pod_reader.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;

ReplayedAnswer replayed(AdmissionAnswer answer, json object) {
  ReplayedAnswer said{.unjudged = {},
                      .allowed = answer.allowed,
                      .is_cvm = answer.is_cvm,
                      .findings = {},
                      .object = std::move(object)};
  for (Finding& finding : answer.findings) {
    said.findings.push_back({std::string(finding.rule), std::string(to_string(finding.action)),
                             std::move(finding.message), std::move(finding.field)});
  }
  return said;
}

}  // namespace

std::set<std::string> ReplayedAnswer::rules() const {
  std::set<std::string> rules;
  for (const ReplayedFinding& finding : findings)
    rules.insert(fmt::format("{}={}", finding.rule, finding.action));
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
  change_each(client_.snapshot(), [&known](Snapshot& each) { each.known_pods = known; });
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
    return replayed(ask(Endpoint::kValidate, call.request), {});
  }
  AdmissionAnswer first = ask(Endpoint::kMutate, call.request);
  json request = call.request;
  json& object = request["object"];
  if (!first.allowed) return replayed(std::move(first), {});
  if (!first.patch.is_null()) object.patch_inplace(first.patch);
  AdmissionAnswer answer = join(std::move(first), ask(Endpoint::kValidate, request));
  if (answer.allowed) learn(call, object);
  return replayed(std::move(answer), std::move(object));
}

AdmissionAnswer Replayer::ask(Endpoint endpoint, const json& request) {
  return client_.send(endpoint,
                      AdmissionClient::prepare_review({{"apiVersion", "admission.k8s.io/v1"},
                                                       {"kind", "AdmissionReview"},
                                                       {"request", request}}));
}

}  // namespace cvm::webhook
