#include "webhook/commands/rule_explanation.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "webhook/terminal/text_wrap.hpp"

namespace cvm::webhook {
namespace {

constexpr std::size_t kIndent = 2;

std::vector<std::string> without_empty(std::span<const std::string_view> texts) {
  std::vector<std::string> found;
  for (const std::string_view text : texts) {
    if (!text.empty()) found.emplace_back(text);
  }
  return found;
}

// The rule's own key comes first: it has the last word, where there is one.
std::vector<std::string> settings_of(const RuleDescriptor& rule) {
  std::vector<std::string> keys = without_empty(rule.explanation.settings);
  if (rule.fixed.empty()) keys.insert(keys.begin(), "rules." + std::string(rule.id));
  return keys;
}

std::string action_text(const RuleDescriptor& rule) {
  std::string text(to_string(rule.default_action));
  if (!rule.fixed.empty()) text.append("; it ").append(rule.fixed);
  return text;
}

}  // namespace

std::string explain_as_text(const RuleDescriptor& rule, std::size_t width, const Painter& painter) {
  std::string out =
      fmt::format("{}\n{}", painter.bold(rule.id), wrap_text(rule.summary, width, kIndent));
  const auto add_title = [&](std::string_view title) {
    out += fmt::format("\n{}\n", painter.bold(title));
  };
  const auto add = [&](std::string_view title, std::string_view text) {
    add_title(title);
    out += wrap_text(text, width, kIndent);
  };
  add("WHAT IT CHECKS", rule.explanation.checks);
  add_title("WHAT IT READS");
  for (const std::string& field : without_empty(rule.explanation.fields)) {
    out.append(kIndent, ' ').append(field).append("\n");  // a path is for copying: never wrapped
  }
  add("WHY", rule.explanation.why);
  add("WHAT TO DO", rule.explanation.fix);
  std::vector<std::string> calls;
  for (const RuleCall call : kRuleCalls) {
    if (rule.calls.contains(call)) calls.emplace_back(describe(call));
  }
  add("CALLS THAT IT JUDGES", fmt::to_string(fmt::join(calls, ", ")));
  add("DEFAULT ACTION", action_text(rule));
  if (const auto keys = settings_of(rule); !keys.empty())
    add("SETTINGS", fmt::to_string(fmt::join(keys, ", ")));
  add_title("SOURCES");
  for (const std::string& source : without_empty(rule.explanation.sources)) {
    out += wrap_text(source, width, kIndent);
  }
  return out;
}

nlohmann::ordered_json summarize_as_json(const RuleDescriptor& rule) {
  nlohmann::ordered_json out = {{"id", rule.id}, {"default", to_string(rule.default_action)}};
  if (!rule.fixed.empty()) out["fixed"] = rule.fixed;
  out["summary"] = rule.summary;
  return out;
}

nlohmann::ordered_json calls_as_json(const RuleDescriptor& rule) {
  nlohmann::ordered_json calls = nlohmann::ordered_json::array();
  for (const RuleCall call : kRuleCalls) {
    if (rule.calls.contains(call)) calls.push_back(to_string(call));
  }
  return calls;
}

nlohmann::ordered_json explain_as_json(const RuleDescriptor& rule) {
  nlohmann::ordered_json out = summarize_as_json(rule);
  out.update({{"checks", rule.explanation.checks},
              {"fields", without_empty(rule.explanation.fields)},
              {"why", rule.explanation.why},
              {"fix", rule.explanation.fix},
              {"calls", calls_as_json(rule)},
              {"settings", settings_of(rule)},
              {"sources", without_empty(rule.explanation.sources)}});
  return out;
}

}  // namespace cvm::webhook
