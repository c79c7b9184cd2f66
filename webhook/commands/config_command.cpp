// config check | defaults | docs | schema: the settings file.
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/config/default_settings.hpp"
#include "webhook/config/settings_documentation.hpp"
#include "webhook/config/settings_file.hpp"
#include "webhook/config/settings_schema.hpp"
#include "webhook/evaluation/input.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kCheckExamples = R"(
Tells every mistake at once, each with its line and column and, where one is near, the key or word
that was meant. Exit status: 0 usable, 2 not.

Examples:
  cvm-webhook config check settings.yaml
  kubectl -n cvm-system get configmap cvm-webhook-settings -o 'jsonpath={.data.settings\.yaml}' |
      cvm-webhook config check -)";

constexpr const char* kDefaultsExamples = R"(
Examples:
  cvm-webhook config defaults > settings.yaml)";

constexpr const char* kDocsExamples = R"(
Examples:
  cvm-webhook config docs > settings.md)";

constexpr const char* kSchemaExamples = R"(
For editors: with this line at the top of a settings file, whatever has yaml-language-server in it
completes keys and words and marks mistakes. `config check` finds more: keys that contradict each
other.

  # yaml-language-server: $schema=cvm-settings.schema.json

Examples:
  cvm-webhook config schema > cvm-settings.schema.json)";

// ", with the profiles gpu, cached".
std::string describe_profiles(const ProfiledSettings& settings) {
  std::string text;
  for (const ProfileSettings& profile : settings.profiles) {
    text += (text.empty() ? ", with the profiles " : ", ") + profile.name;
  }
  return text;
}

int check_settings_files(const std::vector<std::string>& files) {
  int exit_code = kExitOk;
  for (const std::string& file : files) {
    try {
      const ProfiledSettings settings = read_settings(file);
      std::cout << (file == "-" ? "<stdin>" : file) << ": usable" << describe_profiles(settings)
                << '\n';
    } catch (const Unusable& mistakes) {
      std::cerr << mistakes.what() << '\n';
      exit_code = kExitUnusable;
    }
  }
  return exit_code;
}

}  // namespace

void add_config_command(const Command& program) {
  const Command config = program.add_family(
      "config", "Check settings files, print the defaults, their documentation and the schema");

  auto files = std::make_shared<std::vector<std::string>>();
  const Command check = config.add_command("check", "Tell every mistake in settings files");
  check.footer(kCheckExamples);
  check.option("FILE", *files, "Settings files; -: the standard input").required();
  check.runs([files] { return check_settings_files(*files); });

  const Command defaults = config.add_command("defaults", "Print a settings file of all defaults");
  defaults.footer(kDefaultsExamples);
  defaults.runs([] {
    std::cout << default_settings_file();
    return kExitOk;
  });

  const Command docs = config.add_command("docs", "Print what every setting means, as Markdown");
  docs.footer(kDocsExamples);
  docs.runs([] {
    std::cout << settings_documentation();
    return kExitOk;
  });

  const Command schema = config.add_command("schema", "Print the JSON Schema of settings files");
  schema.footer(kSchemaExamples);
  schema.runs([] {
    std::cout << settings_schema().dump(2) << '\n';
    return kExitOk;
  });
}

}  // namespace cvm::webhook
