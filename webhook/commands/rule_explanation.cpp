#include "webhook/commands/rule_explanation.hpp"

#include <span>
#include <vector>

#include "policies/rules/rule_calls.hpp"
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

// The rule's own key comes first: it has the last word.
std::vector<std::string> settings_of(const RuleDescriptor& rule) {
  std::vector<std::string> keys = without_empty(rule.explanation.settings);
  keys.insert(keys.begin(), "rules." + std::string(rule.id));
  return keys;
}

std::string join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined.append(joined.empty() ? "" : ", ").append(text);
  return joined;
}

}  // namespace

std::string explain_as_text(const RuleDescriptor& rule, std::size_t width, const Painter& painter) {
  std::string out = painter.bold(rule.id) + "\n" + wrap_text(rule.summary, width, kIndent);
  const auto add_title = [&](std::string_view title) { out += "\n" + painter.bold(title) + "\n"; };
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
  for (const RuleCall call : calls_of(rule.id)) calls.emplace_back(describe(call));
  add("CALLS THAT IT JUDGES", join(calls));
  add("DEFAULT ACTION", to_string(rule.default_action));
  add("SETTINGS", join(settings_of(rule)));
  add_title("SOURCES");
  for (const std::string& source : without_empty(rule.explanation.sources)) {
    out += wrap_text(source, width, kIndent);
  }
  return out;
}

nlohmann::ordered_json explain_as_json(const RuleDescriptor& rule) {
  nlohmann::ordered_json calls = nlohmann::ordered_json::array();
  for (const RuleCall call : calls_of(rule.id)) calls.push_back(to_string(call));
  return {{"id", rule.id},
          {"default", to_string(rule.default_action)},
          {"summary", rule.summary},
          {"checks", rule.explanation.checks},
          {"fields", without_empty(rule.explanation.fields)},
          {"why", rule.explanation.why},
          {"fix", rule.explanation.fix},
          {"calls", std::move(calls)},
          {"settings", settings_of(rule)},
          {"sources", without_empty(rule.explanation.sources)}};
}

}  // namespace cvm::webhook
