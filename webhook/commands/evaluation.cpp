#include "webhook/commands/evaluation.hpp"

#include <algorithm>
#include <stdexcept>

#include "webhook/commands/unusable.hpp"
#include "webhook/kubernetes/base64.hpp"

namespace cvm::webhook {
namespace {

constexpr std::string_view kDefaultNamespace = "default";
constexpr std::string_view kUid = "00000000-0000-4000-8000-000000000000";
// How the decoder's paths begin.
constexpr std::string_view kObjectPath = "request.object";

std::string metadata_string(const OrderedJson& pod, const char* key) {
  const auto metadata = pod.find("metadata");
  if (metadata == pod.end() || !metadata->is_object()) return {};
  const auto found = metadata->find(key);
  return found != metadata->end() && found->is_string() ? found->get<std::string>() : "";
}

std::string make_review(const OrderedJson& pod) {
  const OrderedJson kind = {{"group", ""}, {"version", "v1"}, {"kind", "Pod"}};
  const OrderedJson resource = {{"group", ""}, {"version", "v1"}, {"resource", "pods"}};
  std::string ns = metadata_string(pod, "namespace");
  if (ns.empty()) ns = kDefaultNamespace;
  const OrderedJson review = {
      {"kind", "AdmissionReview"},
      {"apiVersion", "admission.k8s.io/v1"},
      {"request",
       {{"uid", kUid},
        {"kind", kind},
        {"resource", resource},
        {"requestKind", kind},
        {"requestResource", resource},
        {"name", metadata_string(pod, "name")},
        {"namespace", ns},
        {"operation", "CREATE"},
        {"userInfo", {{"username", "eval"}, {"groups", {"system:authenticated"}}}},
        {"object", pod},
        {"oldObject", nullptr},
        {"dryRun", true},
        {"options", {{"kind", "CreateOptions"}, {"apiVersion", "meta.k8s.io/v1"}}}}}};
  return review.dump();
}

// What one call answered.
struct Answer {
  bool allowed = false, is_cvm = false;
  std::vector<EvaluatedFinding> findings;
  std::vector<std::string> warnings;
  OrderedJson patch = OrderedJson::array();
};

class Evaluator {
 public:
  Evaluator(const InputFile& file, const PodDocument& pod, const Snapshot& snapshot,
            AdmissionHandler& handler)
      : file_(file), pod_(pod), snapshot_(snapshot), handler_(handler) {}

  Evaluation run() {
    Evaluation result;
    result.name = pod_.display_name();
    result.object = pod_.pod;
    Answer answer = call(Endpoint::kMutate, result.object);
    add(answer, result);
    if (!answer.allowed) return result;

    result.patch = std::move(answer.patch);
    result.object = result.object.patch(result.patch);
    if (const Answer again = call(Endpoint::kMutate, result.object);
        !again.allowed || !again.patch.empty()) {
      throw std::runtime_error(result.name + ": a second call would change the pod again: " +
                               (again.allowed ? again.patch.dump() : refusal_of(again)));
    }
    add(call(Endpoint::kValidate, result.object), result);
    return result;
  }

 private:
  static std::string refusal_of(const Answer& answer) {
    return answer.findings.empty() ? "it was refused" : answer.findings.front().message;
  }

  // The validating call repeats what the mutating one said.
  static void add(const Answer& answer, Evaluation& result) {
    result.allowed = answer.allowed;
    result.is_cvm = answer.is_cvm;
    const auto add_new = [](const auto& from, auto& to) {
      for (const auto& item : from) {
        if (std::find(to.begin(), to.end(), item) == to.end()) to.push_back(item);
      }
    };
    add_new(answer.findings, result.findings);
    add_new(answer.warnings, result.warnings);
  }

  Answer call(Endpoint endpoint, const OrderedJson& object) {
    std::string body = make_review(object);
    const std::size_t length = body.size();
    body.append(AdmissionHandler::kBodyPadding, '\0');
    std::string text;
    handler_.handle(endpoint, std::string_view(body).substr(0, length), snapshot_, text);
    const Decision& decision = handler_.last_decision();
    if (decision.verdict == nullptr) fail_unreadable(text);

    Answer answer;
    answer.allowed = decision.allowed;
    answer.is_cvm = decision.is_cvm;
    for (const Finding& finding : decision.verdict->findings) {
      answer.findings.push_back({std::string(finding.rule), std::string(to_string(finding.action)),
                                 finding.message, finding.field});
    }
    const OrderedJson response = OrderedJson::parse(text).at("response");
    answer.warnings = response.value("warnings", std::vector<std::string>());
    if (response.contains("patch")) {
      const auto patch = decode_base64(response["patch"].get_ref<const std::string&>());
      if (!patch) throw std::runtime_error("the patch in the answer is not base64");
      answer.patch = OrderedJson::parse(*patch);
    }
    return answer;
  }

  // The decoder's message is "request.object.spec.hostNetwork: expected ...".
  [[noreturn]] void fail_unreadable(const std::string& text) const {
    std::string message = text;
    if (const OrderedJson answer = OrderedJson::parse(text, nullptr, false);
        !answer.is_discarded()) {
      message = answer.at("/response/status/message"_json_pointer).get<std::string>();
    }
    if (!message.starts_with(kObjectPath)) throw std::runtime_error(message);
    message.erase(0, kObjectPath.size());
    if (message.starts_with('.')) message.erase(0, 1);
    const std::string field = message.substr(0, std::min(message.find(": "), message.size()));
    throw Unusable(file_.place_of_field(*pod_.document, pod_.base, field) + message);
  }

  const InputFile& file_;
  const PodDocument& pod_;
  const Snapshot& snapshot_;
  AdmissionHandler& handler_;
};

}  // namespace

Evaluation evaluate(const InputFile& file, const PodDocument& pod, const Snapshot& snapshot,
                    AdmissionHandler& handler) {
  return Evaluator(file, pod, snapshot, handler).run();
}

}  // namespace cvm::webhook
