#include "webhook/commands/rule_document.hpp"

#include <fmt/format.h>

#include <span>
#include <string_view>

#include "policies/model/rule_calls.hpp"
#include "policies/rules/registry.hpp"

namespace cvm::webhook {
namespace {

constexpr std::string_view kDocumentHead =
    R"(<!-- Written by `cvm-webhook rules list -o markdown`. -->
# Rules

A finding's id stands after `cvm/` in a message. The action is what the rule does where the settings do not say otherwise (key `rules`);
`cvm-webhook rules explain ID` tells the same as this page.

| rule | action | what it finds |
| --- | --- | --- |
)";

// What Markdown would take for its own.
std::string escape_markdown(std::string_view text) {
  std::string out;
  for (const char each : text) {
    if (each == '*' || each == '<' || each == '|' || each == '_') out += '\\';
    out += each;
  }
  return out;
}

// "`a`, `b`"; empty texts are left out.
std::string list_as_code(std::span<const std::string_view> texts) {
  std::string out;
  for (const std::string_view text : texts) {
    if (!text.empty()) out += fmt::format("{}`{}`", out.empty() ? "" : ", ", text);
  }
  return out;
}

// Documents are named from the folder docs/.
std::string list_of_sources(std::span<const std::string_view> sources) {
  std::string out;
  for (const std::string_view source : sources) {
    if (source.empty()) continue;
    const std::string_view comma = out.empty() ? "" : ", ";
    if (source.starts_with("https://")) {
      out += fmt::format("{}<{}>", comma, source);
    } else {
      out += fmt::format("{}[{}](../{})", comma, source, source);
    }
  }
  return out;
}

std::string list_of_calls(RuleCalls calls) {
  std::string out;
  for (const RuleCall call : kRuleCalls) {
    if (calls.contains(call)) out += fmt::format("{}{}", out.empty() ? "" : ", ", describe(call));
  }
  return out;
}

std::string section_of(const RuleDescriptor& rule) {
  const RuleExplanation& told = rule.explanation;
  std::string out =
      fmt::format("\n## {}\n\n{}.\n\n- Checks: {}\n- Why: {}\n- What to do: {}\n- Reads: {}\n",
                  rule.id, escape_markdown(rule.summary), escape_markdown(told.checks),
                  escape_markdown(told.why), escape_markdown(told.fix), list_as_code(told.fields));
  out += fmt::format("- Calls: {}\n", list_of_calls(rule.calls));
  if (!rule.fixed.empty()) out += fmt::format("- Action: it {}.\n", rule.fixed);
  if (const std::string keys = list_as_code(told.settings); !keys.empty()) {
    out += fmt::format("- Settings: {}\n", keys);
  }
  return out + fmt::format("- Sources: {}\n", list_of_sources(told.sources));
}

}  // namespace

std::string rules_as_markdown() {
  std::string out(kDocumentHead);
  for (const RuleDescriptor* rule : all_rules()) {
    out +=
        fmt::format("| [`{0}`](#{0}) | {1}{2} | {3} |\n", rule->id, to_string(rule->default_action),
                    rule->fixed.empty() ? "" : ", fixed", escape_markdown(rule->summary));
  }
  for (const RuleDescriptor* rule : all_rules()) out += section_of(*rule);
  return out;
}

}  // namespace cvm::webhook
