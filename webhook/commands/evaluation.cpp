#include "webhook/commands/evaluation.hpp"

#include <algorithm>
#include <stdexcept>

#include "webhook/commands/pod_review.hpp"
#include "webhook/kubernetes/base64.hpp"

namespace cvm::webhook {
namespace {

// What one call answered.
struct Answer {
  bool allowed = false, is_cvm = false;
  std::string profile;
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
    result.profile = answer.profile;
    const auto add_new = [](const auto& from, auto& to) {
      for (const auto& item : from) {
        if (std::find(to.begin(), to.end(), item) == to.end()) to.push_back(item);
      }
    };
    add_new(answer.findings, result.findings);
    add_new(answer.warnings, result.warnings);
  }

  // What an answer says that refuses to read the review.
  static std::string failure_in(const std::string& text) {
    const OrderedJson answer = OrderedJson::parse(text, nullptr, false);
    if (answer.is_discarded()) return text;
    return answer.at("/response/status/message"_json_pointer).get<std::string>();
  }

  Answer call(Endpoint endpoint, const OrderedJson& object) {
    std::string body = make_review(object);
    const std::size_t length = body.size();
    body.append(AdmissionHandler::kBodyPadding, '\0');
    std::string text;
    handler_.handle(endpoint, std::string_view(body).substr(0, length), snapshot_, text);
    const Decision& decision = handler_.last_decision();
    if (decision.verdict == nullptr) fail_unreadable(file_, pod_, failure_in(text));

    Answer answer;
    answer.allowed = decision.allowed;
    answer.is_cvm = decision.is_cvm;
    answer.profile = decision.verdict->profile;
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
