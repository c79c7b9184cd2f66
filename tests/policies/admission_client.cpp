#include "tests/policies/admission_client.hpp"

#include <map>
#include <stdexcept>

namespace cvm::testing {

namespace {

constexpr std::string_view kUid = "44b96980-3c43-471d-aae9-26e56dca32e0";

nlohmann::json review_of(const nlohmann::json& pod) {
  const nlohmann::json kind = {{"group", ""}, {"version", "v1"}, {"kind", "Pod"}};
  const nlohmann::json resource = {{"group", ""}, {"version", "v1"}, {"resource", "pods"}};
  const nlohmann::json metadata = pod.value("metadata", nlohmann::json::object());
  return {{"apiVersion", "admission.k8s.io/v1"},
          {"kind", "AdmissionReview"},
          {"request",
           {{"uid", kUid},
            {"kind", kind},
            {"resource", resource},
            {"requestKind", kind},
            {"requestResource", resource},
            {"name", metadata.value("name", "")},
            {"namespace", AdmissionClient::kNamespace},
            {"operation", "CREATE"},
            {"userInfo", {{"username", "alice"}, {"groups", {"system:authenticated"}}}},
            {"object", pod},
            {"oldObject", nullptr},
            {"dryRun", false},
            {"options", {{"kind", "CreateOptions"}, {"apiVersion", "meta.k8s.io/v1"}}}}}};
}

std::string decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (char character : text) {
    if (character == '=') break;
    const std::size_t value = kAlphabet.find(character);
    if (value == std::string_view::npos) throw std::runtime_error("patch is not base64");
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 255U);
    }
  }
  return bytes;
}

}  // namespace

AdmissionAnswer AdmissionClient::call(webhook::Endpoint endpoint, const nlohmann::json& pod) {
  return send(endpoint, review_of(pod));
}

AdmissionAnswer AdmissionClient::change(const nlohmann::json& before, const nlohmann::json& after,
                                        const std::string& subresource) {
  nlohmann::json review = review_of(after);
  nlohmann::json& request = review["request"];
  request["operation"] = "UPDATE";
  request["oldObject"] = before;
  if (!subresource.empty()) request["subResource"] = subresource;
  return send(webhook::Endpoint::kValidate, review);
}

AdmissionAnswer AdmissionClient::connect(const std::string& pod, const std::string& subresource,
                                         const std::string& container) {
  const std::map<std::string, std::string> kinds = {{"exec", "PodExecOptions"},
                                                    {"attach", "PodAttachOptions"},
                                                    {"portforward", "PodPortForwardOptions"},
                                                    {"proxy", "PodProxyOptions"}};
  nlohmann::json options = {{"apiVersion", "v1"}, {"kind", kinds.at(subresource)}};
  if (!container.empty()) options["container"] = container;
  nlohmann::json review = review_of(options);
  nlohmann::json& request = review["request"];
  request["kind"]["kind"] = kinds.at(subresource);
  request["operation"] = "CONNECT";
  request["subResource"] = subresource;
  request["name"] = pod;
  return send(webhook::Endpoint::kValidate, review);
}

AdmissionAnswer AdmissionClient::relabel_namespace(const nlohmann::json& before,
                                                   const nlohmann::json& after) {
  const auto object = [](const nlohmann::json& labels) -> nlohmann::json {
    return {{"metadata", {{"name", kNamespace}, {"labels", labels}}}};
  };
  nlohmann::json review = review_of(object(after));
  nlohmann::json& request = review["request"];
  request["kind"]["kind"] = "Namespace";
  request["resource"]["resource"] = "namespaces";
  request["operation"] = "UPDATE";
  request["oldObject"] = object(before);
  return send(webhook::Endpoint::kValidate, review);
}

AdmissionAnswer AdmissionClient::send(webhook::Endpoint endpoint, const nlohmann::json& review) {
  std::string body = review.dump();
  const std::size_t size = body.size();
  body.resize(size + webhook::AdmissionHandler::kBodyPadding);
  std::string out;
  const unsigned status =
      handler_.handle(endpoint, std::string_view(body).substr(0, size), snapshot_, out);
  if (status != 200) throw std::runtime_error("status " + std::to_string(status) + ": " + out);

  const nlohmann::json response = nlohmann::json::parse(out).at("response");
  if (response.at("uid") != kUid) throw std::runtime_error("another uid: " + out);
  const webhook::Decision& decision = handler_.last_decision();
  if (decision.verdict == nullptr) throw std::runtime_error("no verdict: " + out);
  AdmissionAnswer answer;
  answer.allowed = response.at("allowed");
  answer.is_cvm = decision.is_cvm;
  answer.profile = decision.verdict->profile;
  answer.findings = decision.verdict->findings;
  answer.warnings = response.value("warnings", std::vector<std::string>());
  if (response.contains("patch")) {
    if (response.at("patchType") != "JSONPatch") throw std::runtime_error("no patchType: " + out);
    answer.patch = nlohmann::json::parse(decode_base64(response.at("patch").get<std::string>()));
  }
  if (response.contains("status")) answer.message = response.at("status").value("message", "");
  return answer;
}

}  // namespace cvm::testing
