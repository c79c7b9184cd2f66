#include "webhook/commands/command_line/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <utility>

#include "webhook/commands/command_line/choice.hpp"
#include "webhook/formats/duration.hpp"

namespace cvm::webhook {
namespace {

template <typename Number>
Option add_number(CLI::App& app, const char* names, Number& target, const char* help, Number least,
                  Number most) {
  return Option(
      app.add_option(names, target, help)->check(CLI::Range(least, most).description("")));
}

}  // namespace

Option& Option::takes(const char* value) {
  option_->type_name(value);
  return *this;
}

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::shows_default() {
  option_->capture_default_str();
  return *this;
}

Option& Option::one_of(const std::vector<std::string>& words) {
  option_->check(one_of_words(words));
  return *this;
}

Option& Option::suggests(const std::vector<std::string>& words) {
  option_->check(suggest_words(words));
  return *this;
}

Option& Option::needs(const Option& other) {
  option_->needs(other.option_);
  return *this;
}

Option& Option::excludes(const Option& other) {
  option_->excludes(other.option_);
  return *this;
}

Option& Option::once_each() {
  option_->allow_extra_args(false);
  return *this;
}

Option& Option::separated_by(char delimiter) {
  option_->delimiter(delimiter);
  return *this;
}

Option& Option::under(const char* heading) {
  option_->group(heading);
  return *this;
}

Command Command::add_command(const char* name, const char* description) const {
  return {*app_->add_subcommand(name, description), *exit_code_};
}

Command Command::add_family(const char* name, const char* description) const {
  Command family = add_command(name, description);
  family.app_->require_subcommand(1);
  return family;
}

Command Command::add_group(const char* name, const char* description, std::size_t least,
                           std::size_t most) const {
  CLI::Option_group* group = app_->add_option_group(name, description);
  group->require_option(least, most);
  return {*group, *exit_code_};
}

Option Command::option(const char* names, std::string& target, const char* help) const {
  return Option(app_->add_option(names, target, help));
}

Option Command::option(const char* names, std::vector<std::string>& target,
                       const char* help) const {
  return Option(app_->add_option(names, target, help));
}

Option Command::flag(const char* names, bool& target, const char* help) const {
  return Option(app_->add_flag(names, target, help));
}

Option Command::number(const char* names, std::size_t& target, const char* help, std::size_t least,
                       std::size_t most) const {
  return add_number(*app_, names, target, help, least, most);
}

Option Command::number(const char* names, unsigned& target, const char* help, unsigned least,
                       unsigned most) const {
  return add_number(*app_, names, target, help, least, most);
}

Option Command::number(const char* names, double& target, const char* help, double least,
                       double most) const {
  return add_number(*app_, names, target, help, least, most);
}

Option Command::duration(const char* names, std::chrono::milliseconds& target, const char* help,
                         std::chrono::milliseconds least) const {
  static constexpr std::chrono::hours kMost{365 * 24};
  const auto check = [least](const std::string& text) -> std::string {
    const auto given = parse_fine_duration(text);
    if (!given) return given.error().message;
    if (*given >= least && *given <= kMost) return {};
    return fmt::format("expected {} to {}, found {}", write_duration(least), write_duration(kMost),
                       text);
  };
  const auto use = [&target](const std::string& text) { target = *parse_fine_duration(text); };
  return Option(app_->add_option_function<std::string>(names, use, help)
                    ->check(check, "")
                    ->type_name("DURATION")
                    ->default_str(write_duration(target)));
}

Option Command::word(const char* names, const std::function<void(const std::string&)>& use,
                     const char* help, const std::vector<std::string>& words) const {
  return Option(app_->add_option_function<std::string>(names, use, help)).one_of(words);
}

void Command::footer(const char* text) const { app_->footer(text); }

void Command::runs(std::function<int()> run) const {
  app_->callback([run = std::move(run), exit_code = exit_code_] { *exit_code = run(); });
}

}  // namespace cvm::webhook
