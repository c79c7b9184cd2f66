// rules list | explain: the rules that refuse or warn.

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "policies/rules/registry.hpp"
#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/commands/rule_document.hpp"
#include "webhook/commands/rule_explanation.hpp"
#include "webhook/config/unknown_rule.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/terminal/exit_codes.hpp"
#include "webhook/terminal/terminal.hpp"
#include "webhook/terminal/text_table.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kListExamples = R"(
DEFAULT is what a rule does where the settings do not say otherwise (key `rules`).

Examples:
  cvm-webhook rules list
  cvm-webhook rules list -o json | jq -r '.[].id'
  cvm-webhook rules list -o markdown > rules.md)";

constexpr const char* kExplainExamples = R"(
What the rule checks and why, the fields that it reads, what to do about a finding, the calls that
it judges, the settings that it depends on, and where all this is known from. ID is what stands
after "cvm/" in a refusal.

Examples:
  cvm-webhook rules explain node-selinux
  cvm-webhook rules explain gpu-cloud -o json | jq -r .fix)";

struct ExplainOptions {
  std::string id, output = "text";
};

void list_as_table() {
  std::vector<std::vector<std::string>> rows = {{"RULE", "DEFAULT", "SUMMARY"}};
  for (const RuleDescriptor* rule : all_rules()) {
    std::string summary(rule->summary);
    if (!rule->fixed.empty()) summary.append("; its action ").append(rule->fixed);
    rows.push_back(
        {std::string(rule->id), std::string(to_string(rule->default_action)), std::move(summary)});
  }
  std::cout << print_table(rows);
}

void list_as_json() {
  nlohmann::ordered_json rules = nlohmann::ordered_json::array();
  for (const RuleDescriptor* rule : all_rules()) {
    rules.push_back(summarize_as_json(*rule));
    rules.back()["calls"] = calls_as_json(*rule);
  }
  std::cout << rules.dump(2) << '\n';
}

// As it stands in messages: "cvm/node-selinux", "cvm/node-selinux:".
std::string_view bare_id(std::string_view id) {
  constexpr std::string_view kPrefix = "cvm/";
  if (id.starts_with(kPrefix)) id.remove_prefix(kPrefix.size());
  if (id.ends_with(':')) id.remove_suffix(1);
  return id;
}

void explain(const ExplainOptions& options) {
  const std::string id(bare_id(options.id));
  const RuleDescriptor* rule = find_rule(id);
  if (rule == nullptr) {
    throw Unusable(fmt::format(
        "cvm-webhook rules explain: {}: {}\nThe rules are listed by: cvm-webhook rules list", id,
        explain_unknown_rule(id)));
  }
  if (options.output == "json") {
    std::cout << explain_as_json(*rule).dump(2) << '\n';
  } else {
    std::cout << explain_as_text(*rule, text_width(), Painter(use_colors(ColorChoice::kAuto)));
  }
}

void add_list(const Command& rules) {
  auto output = std::make_shared<std::string>("table");
  const Command list = rules.add_command("list", "Every rule with its default action");
  list.footer(kListExamples);
  list.option("-o,--output", *output, "table, json or markdown; default: table")
      .one_of({"table", "json", "markdown"})
      .takes("FORM");
  list.runs([output] {
    if (*output == "markdown") {
      std::cout << rules_as_markdown();
    } else {
      *output == "json" ? list_as_json() : list_as_table();
    }
    return kExitOk;
  });
}

void add_explain(const Command& rules) {
  std::vector<std::string> ids;
  for (const RuleDescriptor* rule : all_rules()) ids.emplace_back(rule->id);
  auto options = std::make_shared<ExplainOptions>();
  const Command command = rules.add_command("explain", "What a rule checks, why, and what to do");
  command.footer(kExplainExamples);
  command.option("ID", options->id, "The rule, as `rules list` names it")
      .suggests(ids)
      .takes("")
      .required();
  command.option("-o,--output", options->output, "text or json; default: text")
      .one_of({"text", "json"})
      .takes("FORM");
  command.runs([options] {
    explain(*options);
    return kExitOk;
  });
}

}  // namespace

void add_rules_command(const Command& program) {
  const Command rules =
      program.add_family("rules", "List and explain the rules that refuse or warn");
  add_list(rules);
  add_explain(rules);
}

}  // namespace cvm::webhook
