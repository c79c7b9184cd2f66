#include "webhook/suites/case_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "webhook/calls/pod_makers.hpp"
#include "webhook/formats/json_places.hpp"
#include "webhook/suites/node_verdicts.hpp"

namespace cvm::webhook {

namespace {

using nlohmann::json;

const json kWorkspacesEnabled = {{"cvm-webhook.io/workspaces", "enabled"}};

class OneRun {
 public:
  OneRun(const SuiteCase& one, Snapshot snapshot, std::shared_ptr<AdmissionHandler> handler)
      : case_(one), client_(std::move(snapshot), one.caller, std::move(handler)) {
    client_.trace_rules();
  }

  CaseResult run() {
    switch (case_.input_kind) {
      case SuiteCase::Input::kPod:
        run_pod();
        break;
      case SuiteCase::Input::kObject:
        run_object();
        break;
      case SuiteCase::Input::kReview:
        run_review();
        break;
    }
    const Expectation& expect = case_.expect;
    compare_answer(expect, result_.answer, "", result_.mismatches);
    if (expect.cvm && *expect.cvm != result_.answer.is_cvm) {
      add_mismatch("cvm", *expect.cvm, result_.answer.is_cvm);
    }
    if (expect.profile && *expect.profile != result_.answer.profile) {
      add_mismatch("profile", *expect.profile, result_.answer.profile);
    }
    if (result_.is_creation && result_.answer.allowed) {
      compare_object(expect, result_.object, result_.mismatches);
    }
    if (!expect.nodes.empty()) {
      const bool is_pod = case_.input_kind == SuiteCase::Input::kPod;
      compare_nodes(expect.nodes, client_.snapshot(), result_.answer.profile,
                    is_pod ? case_.input : result_.given, result_.mismatches);
    }
    return std::move(result_);
  }

 private:
  void add_mismatch(std::string what, json expected, json actual) {
    result_.mismatches.push_back({std::move(what), std::move(expected), std::move(actual)});
  }

  void run_pod() {
    if (case_.is_later()) {
      run_later(case_.input);
    } else {
      create(case_.input);
    }
  }

  // A call about a pod that was created, and must have been admitted.
  void run_later(const json& given) {
    const AdmissionAnswer early = client_.mutate(given);
    json pod = given;
    if (!early.patch.is_null()) pod.patch_inplace(early.patch);
    const AdmissionAnswer created = early.allowed ? client_.validate(pod) : early;
    if (!created.allowed) {
      result_.answer = created;
      add_mismatch("allowed when the pod is created", true, false);
      return;
    }
    client_.snapshot().known_pods = known_pods_with(pod);
    if (case_.change) {
      json changed = pod;
      changed.merge_patch(*case_.change);
      result_.answer = client_.change(pod, changed, case_.subresource);
    } else if (case_.connect) {
      result_.answer =
          client_.connect(pod.at("metadata").at("name"), case_.connect->at("subresource"),
                          case_.connect->value("container", ""));
    } else if (case_.bind) {
      result_.answer = bind(*case_.bind, pod);
    } else {
      result_.answer = client_.relabel_namespace(kWorkspacesEnabled, *case_.namespace_labels);
    }
  }

  AdmissionAnswer bind(const BindingOfCase& binding, const json& pod) {
    if (binding.host_volumes || binding.unmappable) {
      use_volumes(client_.snapshot(), binding.host_volumes.value_or(case_.host_volumes),
                  binding.unmappable.value_or(case_.unmappable));
    }
    return client_.bind(pod, binding.node, binding.labels, binding.annotations);
  }

  void run_object() {
    const json& object = case_.input;
    if (case_.change) {
      json changed = object;
      changed.merge_patch(*case_.change);
      result_.answer = client_.validate_maker(object, changed);
      return;
    }
    AdmissionAnswer& answer = result_.of_template.emplace(client_.validate_maker({}, object));
    if (case_.expect.of_template) {
      compare_answer(*case_.expect.of_template, answer, "template: ", result_.mismatches);
    }
    if (answer.allowed) {
      create(make_pod(*find_pod_maker(object.at("kind").get<std::string>()), object));
    } else {
      result_.answer = answer;
    }
  }

  void run_review() {
    const json& request = case_.input.at("request");
    const json resource = request.value("resource", json::object());
    const bool creates_pod = request.value("operation", "") == "CREATE" &&
                             resource.value("resource", "") == "pods" &&
                             request.value("subResource", "").empty() &&
                             request.contains("object") && request.at("object").is_object();
    if (creates_pod) {
      create(request.at("object"));
    } else {
      result_.answer =
          client_.send(Endpoint::kValidate, AdmissionClient::prepare_review(case_.input));
    }
  }

  PreparedReview prepare(const json& pod) const {
    if (case_.input_kind != SuiteCase::Input::kReview) return client_.prepare(pod);
    json review = case_.input;
    review["request"]["object"] = pod;
    return AdmissionClient::prepare_review(review);
  }

  // Mutate; the patch is applied; mutate again, which must change nothing; validate.
  void create(const json& pod) {
    result_.is_creation = true;
    result_.given = pod;
    const PreparedReview first = prepare(pod);
    AdmissionAnswer early = client_.send(Endpoint::kMutate, first);
    if (!early.allowed) {
      if (!early.patch.is_null()) add_mismatch("patch of a refused pod", nullptr, early.patch);
      if (client_.send(Endpoint::kValidate, first).allowed) {
        add_mismatch("allowed by the validating call alone", false, true);
      }
      result_.answer = std::move(early);
      return;
    }
    json patched = pod;
    if (!early.patch.is_null()) patched.patch_inplace(early.patch);
    const PreparedReview final_review = prepare(patched);
    AdmissionAnswer last = client_.send(Endpoint::kValidate, final_review);
    if (last.is_cvm != early.is_cvm) {
      add_mismatch("cvm by the validating call", early.is_cvm, last.is_cvm);
    }
    if (case_.expect.idempotent) check_second_call(final_review);
    result_.answer = join(std::move(early), std::move(last));
    result_.object = std::move(patched);
  }

  void check_second_call(const PreparedReview& review) {
    const AdmissionAnswer again = client_.send(Endpoint::kMutate, review);
    if (!again.allowed) {
      add_mismatch("allowed by a second mutating call", true, again.message);
    } else if (!again.patch.is_null()) {
      add_mismatch("patch of a second mutating call", nullptr, again.patch);
    }
  }

  const SuiteCase& case_;
  AdmissionClient client_;
  CaseResult result_;
};

// "request.object.spec.hostNetwork: expected ...", at its place in the suite.
std::string place_of_unreadable(const SuiteCase& one, const std::string& message) {
  const bool is_review = one.input_kind == SuiteCase::Input::kReview;
  std::string_view field = message;
  field = field.substr(0, std::min(field.find(": "), field.size()));
  constexpr std::string_view kObject = "request.object";
  if (!is_review && (!field.starts_with(kObject) || one.is_later())) {
    return fmt::format("{}: {}", one.place.text(), message);
  }
  std::string_view text = message;
  if (!is_review) {
    field.remove_prefix(kObject.size());
    text.remove_prefix(
        std::min(kObject.size() + (text.size() > kObject.size() && text[kObject.size()] == '.'),
                 text.size()));
  }
  return fmt::format("{}: {}", find_place(one.input_sources, field_to_pointer(field)).text(), text);
}

}  // namespace

std::string_view to_string(CaseStatus status) {
  switch (status) {
    case CaseStatus::kPassed:
      return "passed";
    case CaseStatus::kFailed:
      return "failed";
    case CaseStatus::kUnusable:
      return "unusable";
    case CaseStatus::kNotRun:
      return "not run";
  }
  return "";
}

CaseResult CaseRunner::run(const SuiteCase& one, const std::shared_ptr<AdmissionHandler>& handler) {
  const auto begin = std::chrono::steady_clock::now();
  CaseResult result;
  try {
    result = OneRun(one, snapshots_.snapshot_of(one), handler).run();
    result.status = result.mismatches.empty() ? CaseStatus::kPassed : CaseStatus::kFailed;
  } catch (const UnreadableReview& error) {
    result.status = CaseStatus::kUnusable;
    result.error = place_of_unreadable(one, error.what());
  } catch (const std::exception& error) {
    result.status = CaseStatus::kUnusable;
    result.error = fmt::format("{}: {}", one.place.text(), error.what());
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

}  // namespace cvm::webhook
