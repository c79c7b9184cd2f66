#include "webhook/evaluation/evaluation_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "webhook/formats/yaml_writer.hpp"
#include "webhook/terminal/text_diff.hpp"
#include "webhook/terminal/text_table.hpp"
#include "webhook/terminal/text_wrap.hpp"

namespace cvm::webhook {
namespace {

constexpr std::size_t kFindingIndent = 8;  // two spaces, and an action of up to five with one

std::string describe(const Finding& finding) {
  std::string line = fmt::format("cvm/{}: {}", finding.rule, finding.message);
  if (!finding.field.empty()) line += fmt::format(" ({})", finding.field);
  return printable(line);
}

std::string describe_verdict(const Evaluation& result, const Painter& painter) {
  if (!result.allowed) return painter.bold_red("refused");
  if (!result.is_cvm) return fmt::format("{} untouched, not a CVM", painter.bold_green("admitted"));
  if (result.patch.empty())
    return fmt::format("{} as the CVM that it is", painter.bold_green("admitted"));
  return fmt::format("{} as a CVM", painter.bold_green("admitted"));
}

std::string describe_profile(const Evaluation& result) {
  return result.profile.empty() ? "" : fmt::format(", by profile {}", result.profile);
}

std::string paint_action(RuleAction action, const Painter& painter) {
  const std::string text(to_string(action));
  const std::string padded = text + std::string(kFindingIndent - 2 - text.size(), ' ');
  if (action == RuleAction::kDeny) return painter.red(padded);
  return action == RuleAction::kWarn ? painter.yellow(padded) : padded;
}

std::string verdict_word(const Evaluation& result) {
  if (!result.allowed) return "refused";
  return result.is_cvm ? "CVM" : "untouched";
}

// "node-selinux, tmp-mount"; "-" where no rule found anything.
std::string rules_of(const Evaluation& result) {
  std::string rules;
  std::set<std::string_view> seen;
  for (const Finding& finding : result.findings) {
    if (!seen.insert(finding.rule).second) continue;
    rules.append(rules.empty() ? "" : ", ").append(finding.rule);
  }
  return rules.empty() ? "-" : rules;
}

std::string counted(std::size_t count, const std::string& what) {
  return fmt::format("{} {}", count, what);
}

OrderedJson fields_as_json(const RuleOutcome& rule) {
  OrderedJson fields = OrderedJson::array();
  for (const FieldRead& field : rule.fields) {
    OrderedJson entry = {{"path", field.path}};
    if (field.value) entry["value"] = *field.value;
    fields.push_back(std::move(entry));
  }
  return fields;
}

}  // namespace

std::string print_as_text(const Evaluation& result, const Painter& painter) {
  std::string out = fmt::format("{}: {}{}\n", painter.bold(printable(result.display_name)),
                                describe_verdict(result, painter), describe_profile(result));
  for (const Finding& finding : result.findings) {
    out += fmt::format("  {}{}", paint_action(finding.action, painter),
                       wrap_after(kFindingIndent, describe(finding), terminal_width()));
  }
  return out;
}

std::string print_diff(const Evaluation& result, const Painter& painter) {
  if (result.patch.empty()) return "";
  const std::string name = printable(result.display_name);
  return fmt::format(
      "{}\n{}\n{}", painter.bold(fmt::format("--- {} as given", name)),
      painter.bold(fmt::format("+++ {} as a CVM", name)),
      paint_diff(unified_diff(write_yaml(result.before), write_yaml(result.object)), painter));
}

std::string print_rules(const std::vector<RuleOutcome>& rules, std::size_t width,
                        const Painter& painter) {
  constexpr std::size_t kIndent = 11;
  std::string out;
  for (const RuleOutcome& rule : rules) {
    const std::string word(to_string(rule.use));
    const std::string padded =
        fmt::format("  {}{}", word, std::string(kIndent - 2 - word.size(), ' '));
    const bool is_skipped = rule.use == RuleOutcome::Use::kSkipped;
    out += rule.use == RuleOutcome::Use::kFound ? painter.yellow(padded)
           : is_skipped                         ? padded
                                                : painter.green(padded);
    const std::string reason = rule.reason.empty() ? "" : ": " + rule.reason;
    out +=
        painter.bold(rule.id) +
        wrap_after(kIndent, std::string(rule.id) + reason, terminal_width()).substr(rule.id.size());
    std::string absent;
    for (const FieldRead& field : rule.fields) {
      if (field.value) {
        out += wrap_text(fmt::format("{} = {}", field.path, field.value->dump()), width, kIndent);
      } else {
        absent.append(absent.empty() ? "" : ", ").append(field.path);
      }
    }
    if (!absent.empty()) out += wrap_text(fmt::format("looked for {}", absent), width, kIndent);
  }
  return out;
}

std::string print_summary(const std::vector<Evaluation>& results, const Painter& painter) {
  std::vector<std::vector<std::string>> rows = {{"NAMESPACE", "KIND", "NAME", "VERDICT", "RULES"}};
  std::size_t cvms = 0, untouched = 0, refused = 0;
  for (const Evaluation& result : results) {
    rows.push_back({printable(result.ns), result.kind, printable(result.name), verdict_word(result),
                    rules_of(result)});
    ++(!result.allowed ? refused : result.is_cvm ? cvms : untouched);
  }
  const std::string refusals = counted(refused, "refused");
  return fmt::format("{}\n{}{}{}{}\n", print_table(rows), counted(results.size(), "objects: "),
                     counted(cvms, cvms == 1 ? "CVM, " : "CVMs, "),
                     counted(untouched, "untouched, "),
                     refused == 0 ? painter.green(refusals) : painter.bold_red(refusals));
}

std::string print_as_json(const Evaluation& result, const std::vector<RuleOutcome>& rules) {
  OrderedJson findings = OrderedJson::array();
  for (const Finding& finding : result.findings) {
    findings.push_back({{"rule", finding.rule},
                        {"action", to_string(finding.action)},
                        {"message", finding.message},
                        {"field", finding.field}});
  }
  OrderedJson document = {
      {"kind", result.kind},         {"namespace", result.ns},    {"name", result.name},
      {"allowed", result.allowed},   {"profile", result.profile}, {"findings", findings},
      {"warnings", result.warnings}, {"patch", result.patch},     {"object", result.object}};
  if (!rules.empty()) document["rules"] = OrderedJson::array();
  for (const RuleOutcome& rule : rules) {
    document["rules"].push_back({{"rule", rule.id},
                                 {"outcome", to_string(rule.use)},
                                 {"reason", rule.reason},
                                 {"fields", fields_as_json(rule)}});
  }
  return document.dump(2) + "\n";
}

std::string print_reviews(const Evaluation& result) {
  std::string out;
  for (const ReviewExchange& exchange : result.reviews) out += exchange.review.dump(2) + "\n";
  return out;
}

std::string print_refusal(const Evaluation& result) {
  std::string out;
  for (const Finding& finding : result.findings) {
    if (finding.action == RuleAction::kDeny) out += describe(finding) + "\n";
  }
  return out;
}

}  // namespace cvm::webhook
