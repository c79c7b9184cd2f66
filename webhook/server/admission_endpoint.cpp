#include "webhook/server/admission_endpoint.hpp"

#include <utility>

#include "webhook/server/request_reader.hpp"

namespace cvm::webhook {
namespace {

constexpr std::string_view kJson = "application/json";

static_assert(RequestReader::kPadding >= AdmissionHandler::kBodyPadding);

Outcome outcome_of(const Decision& decision) {
  switch (decision.code) {
    case 200:
      return decision.is_cvm ? Outcome::kAdmitted : Outcome::kUntouched;
    case 403:
      return Outcome::kRefused;
    case 400:
      return Outcome::kUnreadable;
    default:
      return Outcome::kFault;
  }
}

}  // namespace

AdmissionEndpoint::AdmissionEndpoint(std::shared_ptr<const Snapshot> snapshot,
                                     AdmissionCounters& counters, EventLog& log)
    : snapshot_(std::move(snapshot)), counters_(counters), log_(log) {}

class AdmissionEndpoint::PodErrand final : public Errand {
 public:
  PodErrand(LookUpPod look_up, const Decision& decision, std::chrono::milliseconds time)
      : look_up_(std::move(look_up)), ns_(decision.namespace_), name_(decision.name), time_(time) {}

  boost::asio::awaitable<void> run() override { lookup = co_await look_up_(ns_, name_, time_); }

  PodLookup lookup;

 private:
  const LookUpPod look_up_;
  const std::string ns_, name_;
  const std::chrono::milliseconds time_;
};

Answer AdmissionEndpoint::ask_for_pod(const Decision& decision,
                                      std::chrono::milliseconds patience) {
  // The rest is for the way there and back.
  return {.status = 0,
          .content_type = {},
          .errand = std::make_shared<PodErrand>(look_up_, decision, patience * 3 / 4)};
}

Answer AdmissionEndpoint::answer(Endpoint endpoint, std::string_view body,
                                 std::chrono::milliseconds patience, Errand* done,
                                 std::string& out) {
  const auto* const errand = static_cast<const PodErrand*>(done);
  const std::size_t answer_begin = out.size();
  const auto begin = std::chrono::steady_clock::now();
  const Decision decision = handler_.handle(endpoint, body, *snapshot_, out,
                                            errand != nullptr ? &errand->lookup : nullptr);
  const auto duration = std::chrono::steady_clock::now() - begin;

  if (decision.awaits_pod && look_up_) return ask_for_pod(decision, patience);
  if (errand != nullptr) counters_.count_lookup(errand->lookup.outcome);
  if (decision.verdict != nullptr && decision.verdict->break_glass) counters_.break_glass.add();
  counters_.count(static_cast<std::size_t>(endpoint), outcome_of(decision), duration);
  if (decision.verdict != nullptr) {
    for (const Finding& finding : decision.verdict->findings) counters_.count_finding(finding);
  }
  log_decision(decision, duration);
  if (recorder_ != nullptr && decision.verdict != nullptr) {
    recorder_->submit(endpoint, body, std::string_view(out).substr(answer_begin));
  }
  return {decision.http_status, decision.http_status == 200 ? kJson : kPlainText};
}

// "gpu-cloud=deny,tmp-mount=warn"; a rule with several findings in a row once.
void AdmissionEndpoint::list_rules(const Verdict& verdict) {
  rules_.clear();
  const Finding* previous = nullptr;
  for (const Finding& finding : verdict.findings) {
    const bool again =
        previous != nullptr && previous->rule == finding.rule && previous->action == finding.action;
    previous = &finding;
    if (again) continue;
    if (!rules_.empty()) rules_ += ',';
    rules_ += finding.rule;
    rules_ += '=';
    rules_ += to_string(finding.action);
  }
}

void AdmissionEndpoint::log_decision(const Decision& decision, std::chrono::nanoseconds duration) {
  const std::string_view path = decision.endpoint == Endpoint::kMutate ? "mutate" : "validate";
  const std::int64_t microseconds = duration.count() / 1000;
  if (decision.code != 200 && decision.code != 403) {
    const auto level = decision.code == 500 ? EventLog::Level::err : EventLog::Level::warn;
    log_.write(level, "request not decided",
               {{"endpoint", path},
                {"code", static_cast<std::int64_t>(decision.code)},
                {"uid", decision.uid},
                {"reason", decision.error},
                {"durationUs", microseconds}});
    return;
  }
  if (!log_.is_enabled(EventLog::Level::info)) return;
  list_rules(*decision.verdict);
  resource_.assign(decision.resource);
  if (!decision.subresource.empty()) {
    resource_ += '/';
    resource_ += decision.subresource;
  }
  log_.info("decision", {{"endpoint", path},
                         {"uid", decision.uid},
                         {"operation", decision.operation},
                         {"resource", resource_},
                         {"namespace", decision.namespace_},
                         {"name", decision.name},
                         {"user", decision.user},
                         {"allowed", decision.allowed},
                         {"breakGlass", decision.verdict->break_glass},
                         {"cvm", decision.is_cvm},
                         {"profile", decision.verdict->profile},
                         {"rules", rules_},
                         {"dryRun", decision.dry_run},
                         {"patched", decision.patched},
                         {"durationUs", microseconds}});
}

}  // namespace cvm::webhook
