#include "webhook/calls/admission_client.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "webhook/formats/base64.hpp"

namespace cvm::webhook {

namespace {

using nlohmann::json;

constexpr std::string_view kUid = "44b96980-3c43-471d-aae9-26e56dca32e0";

void pad(PreparedReview& review) {
  review.size = review.body.size();
  review.body.append(AdmissionHandler::kBodyPadding, '\0');
}

// What a response says that refuses to read the review.
std::string failure_in(simdjson::dom::element response, const std::string& text) {
  std::string_view message;
  return response["status"]["message"].get(message) == simdjson::SUCCESS ? std::string(message)
                                                                         : text;
}

// What is in the response itself; throws simdjson_error where it is not as it must be.
AdmissionAnswer read_response(simdjson::dom::element response) {
  AdmissionAnswer answer;
  answer.allowed = bool(response["allowed"]);
  simdjson::dom::array warnings;
  if (response["warnings"].get(warnings) == simdjson::SUCCESS) {
    for (const simdjson::dom::element warning : warnings) {
      answer.warnings.emplace_back(std::string_view(warning));
    }
  }
  std::string_view patch, message;
  if (response["patch"].get(patch) == simdjson::SUCCESS) {
    if (std::string_view(response["patchType"]) != "JSONPatch") {
      throw std::runtime_error("a patch of another type than JSONPatch");
    }
    const auto text = decode_base64(patch);
    if (!text) throw std::runtime_error("the patch is not base64");
    answer.patch = nlohmann::ordered_json::parse(*text);
  }
  if (response["status"]["message"].get(message) == simdjson::SUCCESS) answer.message = message;
  return answer;
}

template <typename Json>
std::string name_of(const Json& object) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return "";
  const auto name = metadata->find("name");
  return name != metadata->end() && name->is_string() ? name->template get<std::string>() : "";
}

// "apps/v1", "Deployment" -> group, version, kind and resource of a request.
void set_kind(json& request, const std::string& api_version, const std::string& kind) {
  const std::size_t slash = api_version.find('/');
  const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  const std::string version =
      slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  std::string resource = kind + "s";
  std::transform(resource.begin(), resource.end(), resource.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* key : {"kind", "requestKind"}) {
    request[key] = {{"group", group}, {"version", version}, {"kind", kind}};
  }
  for (const char* key : {"resource", "requestResource"}) {
    request[key] = {{"group", group}, {"version", version}, {"resource", resource}};
  }
}

}  // namespace

AdmissionAnswer join(AdmissionAnswer first, AdmissionAnswer last) {
  for (Finding& finding : first.findings) {
    const auto is_same = [&finding](const Finding& other) {
      return other.rule == finding.rule && other.action == finding.action &&
             other.message == finding.message && other.field == finding.field;
    };
    if (std::none_of(last.findings.begin(), last.findings.end(), is_same)) {
      last.findings.push_back(std::move(finding));
    }
  }
  for (std::string& warning : first.warnings) {
    if (std::find(last.warnings.begin(), last.warnings.end(), warning) == last.warnings.end()) {
      last.warnings.push_back(std::move(warning));
    }
  }
  last.patch = std::move(first.patch);
  first.trace.join(last.trace);
  last.trace = std::move(first.trace);
  return last;
}

AdmissionClient::AdmissionClient(Snapshot snapshot, Caller caller,
                                 std::shared_ptr<AdmissionHandler> handler, std::string ns)
    : snapshot_(std::move(snapshot)),
      caller_(std::move(caller)),
      namespace_(std::move(ns)),
      handler_(handler ? std::move(handler) : std::make_shared<AdmissionHandler>()) {}

json AdmissionClient::review_of(const json& object) const {
  json request = {{"uid", kUid},
                  {"name", name_of(object)},
                  {"namespace", namespace_},
                  {"operation", "CREATE"},
                  {"userInfo", {{"username", caller_.name}, {"groups", caller_.groups}}},
                  {"oldObject", nullptr},
                  {"dryRun", false},
                  {"options", {{"kind", "CreateOptions"}, {"apiVersion", "meta.k8s.io/v1"}}}};
  set_kind(request, "v1", "Pod");
  request["object"] = object;
  return {{"apiVersion", "admission.k8s.io/v1"},
          {"kind", "AdmissionReview"},
          {"request", std::move(request)}};
}

AdmissionAnswer AdmissionClient::validate_maker(const json& before, const json& object) {
  json review = review_of(object);
  json& request = review["request"];
  set_kind(request, object.at("apiVersion"), object.at("kind"));
  if (!before.is_null()) {
    request["operation"] = "UPDATE";
    request["oldObject"] = before;
  }
  return send_later(review);
}

AdmissionAnswer AdmissionClient::change(const json& before, const json& after,
                                        const std::string& subresource) {
  json review = review_of(after);
  json& request = review["request"];
  request["operation"] = "UPDATE";
  request["oldObject"] = before;
  if (!subresource.empty()) request["subResource"] = subresource;
  return send_later(review);
}

AdmissionAnswer AdmissionClient::connect(const std::string& pod, const std::string& subresource,
                                         const std::string& container) {
  const std::map<std::string, std::string> kinds = {{"exec", "PodExecOptions"},
                                                    {"attach", "PodAttachOptions"},
                                                    {"portforward", "PodPortForwardOptions"},
                                                    {"proxy", "PodProxyOptions"}};
  json options = {{"apiVersion", "v1"}, {"kind", kinds.at(subresource)}};
  if (!container.empty()) options["container"] = container;
  json review = review_of(options);
  json& request = review["request"];
  request["kind"]["kind"] = kinds.at(subresource);
  request["operation"] = "CONNECT";
  request["subResource"] = subresource;
  request["name"] = pod;
  return send_later(review);
}

AdmissionAnswer AdmissionClient::bind(const json& pod, const std::string& node,
                                      const std::map<std::string, std::string>& labels,
                                      const std::map<std::string, std::string>& annotations) {
  const json& of_pod = pod.at("metadata");
  json metadata = {{"name", of_pod.at("name")}, {"namespace", namespace_}};
  if (of_pod.contains("uid")) metadata["uid"] = of_pod.at("uid");
  if (!labels.empty()) metadata["labels"] = labels;
  if (!annotations.empty()) metadata["annotations"] = annotations;
  json review = review_of({{"apiVersion", "v1"},
                           {"kind", "Binding"},
                           {"metadata", std::move(metadata)},
                           {"target", {{"apiVersion", "v1"}, {"kind", "Node"}, {"name", node}}}});
  json& request = review["request"];
  request["kind"]["kind"] = "Binding";
  request["subResource"] = "binding";
  return send_later(review);
}

AdmissionAnswer AdmissionClient::relabel_namespace(const json& before, const json& after) {
  const auto object = [this](const json& labels) -> json {
    return {{"metadata", {{"name", namespace_}, {"labels", labels}}}};
  };
  json review = review_of(object(after));
  json& request = review["request"];
  request["kind"]["kind"] = "Namespace";
  request["resource"]["resource"] = "namespaces";
  request["operation"] = "UPDATE";
  request["oldObject"] = object(before);
  return send_later(review);
}

template <typename Json>
PreparedReview AdmissionClient::prepare(const Json& pod) const {
  // Written by hand: this is most of what a case costs.
  const json user = {{"username", caller_.name}, {"groups", caller_.groups}};
  PreparedReview review;
  review.uid = kUid;
  review.body =
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":")";
  review.body += kUid;
  review.body +=
      R"(","kind":{"group":"","version":"v1","kind":"Pod"},"requestKind":{"group":"","version":"v1",)"
      R"("kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},"requestResource":{)"
      R"("group":"","version":"v1","resource":"pods"},"operation":"CREATE","dryRun":false,"options":{)"
      R"("kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"},"oldObject":null,"namespace":)";
  review.body += json(namespace_).dump();
  review.body += R"(,"name":)" + json(name_of(pod)).dump();
  review.body += R"(,"userInfo":)" + user.dump();
  review.body += R"(,"object":)" + pod.dump() + "}}";
  pad(review);
  return review;
}

template PreparedReview AdmissionClient::prepare(const json& pod) const;
template PreparedReview AdmissionClient::prepare(const nlohmann::ordered_json& pod) const;

PreparedReview AdmissionClient::prepare_review(const json& review) {
  PreparedReview prepared;
  prepared.body = review.dump();
  prepared.uid = review.at("request").value("uid", "");
  pad(prepared);
  return prepared;
}

AdmissionAnswer AdmissionClient::send(Endpoint endpoint, const PreparedReview& review) {
  std::string out;
  const std::string_view body = std::string_view(review.body).substr(0, review.size);
  RuleTrace trace;
  const Decision decision =
      handler_->handle(endpoint, body, snapshot_, out, nullptr, traces_ ? &trace : nullptr);
  if (on_exchange_) on_exchange_(endpoint, body, out);
  if (decision.http_status == 400) throw UnreadableReview(out);
  if (decision.http_status != 200) {
    throw std::runtime_error(fmt::format("status {}: {}", decision.http_status, out));
  }

  thread_local simdjson::dom::parser parser;
  try {
    const simdjson::dom::element response = parser.parse(out)["response"];
    if (decision.code == 400) throw UnreadableReview(failure_in(response, out));
    if (decision.verdict == nullptr) throw std::runtime_error(fmt::format("no verdict: {}", out));
    if (std::string_view(response["uid"]) != review.uid) {
      throw std::runtime_error(fmt::format("another uid: {}", out));
    }
    AdmissionAnswer answer = read_response(response);
    answer.is_cvm = decision.is_cvm;
    answer.profile = decision.verdict->profile;
    answer.findings = decision.verdict->findings;
    answer.trace = std::move(trace);
    return answer;
  } catch (const simdjson::simdjson_error& error) {
    throw std::runtime_error(fmt::format("no AdmissionReview: {}: {}", error.what(), out));
  }
}

}  // namespace cvm::webhook
