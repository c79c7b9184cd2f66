// rules list: the rules that refuse or warn.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "policies/registry.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/commands/text_table.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kExamples = R"(
DEFAULT is what a rule does where the settings do not say otherwise (key `rules`).

Examples:
  cvm-webhook rules list
  cvm-webhook rules list -o json | jq -r '.[].id')";

void list_as_table() {
  std::vector<std::vector<std::string>> rows = {{"RULE", "DEFAULT", "SUMMARY"}};
  for (const RuleDescriptor& rule : all_rules()) {
    rows.push_back({std::string(rule.id), std::string(to_string(rule.default_action)),
                    std::string(rule.summary)});
  }
  std::cout << print_table(rows);
}

void list_as_json() {
  nlohmann::ordered_json rules = nlohmann::ordered_json::array();
  for (const RuleDescriptor& rule : all_rules()) {
    rules.push_back(
        {{"id", rule.id}, {"default", to_string(rule.default_action)}, {"summary", rule.summary}});
  }
  std::cout << rules.dump(2) << '\n';
}

}  // namespace

void add_rules_command(CLI::App& app, int&) {
  CLI::App* rules = app.add_subcommand("rules", "List the rules that refuse or warn");
  rules->require_subcommand(1);
  auto output = std::make_shared<std::string>("table");
  CLI::App* list = rules->add_subcommand("list", "Every rule with its default action");
  list->footer(kExamples);
  list->add_option("-o,--output", *output, "table or json; default: table")
      ->check(CLI::IsMember({"table", "json"}).description(""))
      ->type_name("FORM");
  list->callback([output] { *output == "json" ? list_as_json() : list_as_table(); });
}

}  // namespace cvm::webhook
