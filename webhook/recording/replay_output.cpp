#include "webhook/recording/replay_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "webhook/terminal/text_table.hpp"
#include "webhook/terminal/text_wrap.hpp"

namespace cvm::webhook {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string describe(bool allowed, const std::set<std::string>& rules) {
  std::string text = allowed ? "admitted" : "refused";
  std::string list;
  for (const std::string& rule : rules) list += (list.empty() ? "" : ", ") + rule;
  return list.empty() ? text : fmt::format("{} ({})", text, list);
}

std::string describe(const ReplayedCall& call) {
  return fmt::format("{} {}", call.call->text("operation"), call.call->resource());
}

std::string describe(const ReplayedFinding& finding) {
  return fmt::format("cvm/{}: {}{}", finding.rule, finding.message,
                     finding.field.empty() ? "" : fmt::format(" ({})", finding.field));
}

// The findings that were not there before.
std::vector<ReplayedFinding> new_findings(const ReplayedCall& call) {
  const std::set<std::string> before = call.rules_before();
  std::vector<ReplayedFinding> found;
  for (const ReplayedFinding& finding : call.now.findings) {
    if (!before.contains(fmt::format("{}={}", finding.rule, finding.action)))
      found.push_back(finding);
  }
  return found;
}

std::map<std::string, std::size_t> count_changes(const std::vector<ReplayedCall>& calls) {
  std::map<std::string, std::size_t> counts;
  for (const ReplayedCall& call : calls) ++counts[change_of(call)];
  return counts;
}

std::string summarize(const std::vector<ReplayedCall>& calls, std::size_t follow_ups) {
  std::map<std::string, std::size_t> counts = count_changes(calls);
  std::string text = fmt::format(
      "{}{}{} would be refused, {} would be admitted, {} with other findings, {} with another "
      "patch, {} as before",
      calls.size(), calls.size() == 1 ? " call: " : " calls: ", counts["refused"],
      counts["admitted"], counts["findings"], counts["patch"], counts["none"]);
  if (counts["unjudged"] > 0) text += fmt::format(", {} not judged", counts["unjudged"]);
  if (follow_ups > 0) {
    text += fmt::format("; {} more belong to the creation of a pod", follow_ups);
  }
  return text;
}

}  // namespace

std::string change_of(const ReplayedCall& call) {
  if (!call.now.unjudged.empty()) return "unjudged";
  if (!call.was_recorded && !call.before.unjudged.empty()) return "unjudged";
  if (call.was_allowed() != call.now.allowed) return call.now.allowed ? "admitted" : "refused";
  if (call.rules_before() != call.now.rules()) return "findings";
  const bool has_other_patch = !call.was_recorded && call.before.object != call.now.object;
  return has_other_patch ? "patch" : "none";
}

std::string print_replay_as_text(const std::vector<ReplayedCall>& calls, std::size_t follow_ups,
                                 bool all, const Painter& painter) {
  std::vector<std::vector<std::string>> rows = {{"CHANGE", "CALL", "OBJECT", "BEFORE", "NOW"}};
  std::string reasons;
  for (const ReplayedCall& call : calls) {
    const std::string change = change_of(call);
    if (change == "none" && !all) continue;
    rows.push_back({change, describe(call), call.call->object_name(),
                    describe(call.was_allowed(), call.rules_before()),
                    change == "unjudged" ? "-" : describe(call.now.allowed, call.now.rules())});
    if (change == "unjudged") {
      reasons +=
          fmt::format("\n{} ({})\n  not judged: {}\n", painter.bold(call.call->object_name()),
                      call.call->file, call.now.unjudged);
      continue;
    }
    const auto found = new_findings(call);
    if (found.empty()) continue;
    reasons += fmt::format("\n{} ({})\n", painter.bold(call.call->object_name()), call.call->file);
    for (const ReplayedFinding& finding : found) {
      reasons += "  " + wrap_after(2, describe(finding), terminal_width());
    }
  }
  const std::string table =
      rows.size() > 1 ? fmt::format("{}{}\n", print_table(rows), reasons) : "";
  return table + wrap_after(0, summarize(calls, follow_ups), terminal_width());
}

std::string print_replay_as_json(const std::vector<ReplayedCall>& calls, std::size_t follow_ups) {
  OrderedJson document = {{"calls", OrderedJson::array()}};
  for (const ReplayedCall& call : calls) {
    OrderedJson findings = OrderedJson::array();
    for (const ReplayedFinding& finding : call.now.findings) {
      findings.push_back({{"rule", finding.rule},
                          {"action", finding.action},
                          {"message", finding.message},
                          {"field", finding.field}});
    }
    document["calls"].push_back({{"file", call.call->file},
                                 {"operation", call.call->text("operation")},
                                 {"resource", call.call->resource()},
                                 {"object", call.call->object_name()},
                                 {"change", change_of(call)},
                                 {"unjudged", call.now.unjudged},
                                 {"before",
                                  {{"allowed", call.was_allowed()},
                                   {"recorded", call.was_recorded},
                                   {"rules", call.rules_before()}}},
                                 {"now",
                                  {{"allowed", call.now.allowed},
                                   {"rules", call.now.rules()},
                                   {"findings", std::move(findings)}}}});
  }
  OrderedJson summary;
  std::map<std::string, std::size_t> counts = count_changes(calls);
  for (const char* change : {"refused", "admitted", "findings", "patch", "none", "unjudged"}) {
    summary[change] = counts[change];
  }
  summary["followUps"] = follow_ups;
  document["summary"] = std::move(summary);
  return document.dump(2) + "\n";
}

}  // namespace cvm::webhook
