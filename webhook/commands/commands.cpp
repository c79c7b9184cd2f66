#include "webhook/commands/commands.hpp"

#include <CLI/CLI.hpp>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/closest_name.hpp"
#include "webhook/commands/options/completion.hpp"
#include "webhook/evaluation/unusable.hpp"

namespace cvm::webhook {
namespace {

constexpr std::string_view kName = "cvm-webhook";
// kubectl runs the program kubectl-cvm of the PATH for `kubectl cvm`.
constexpr std::string_view kPluginFile = "kubectl-cvm", kPluginName = "kubectl cvm";
// And this one to complete its command line.
constexpr std::string_view kPluginCompleterFile = "kubectl_complete-cvm";
constexpr std::string_view kCompleteCommand = "__complete";  // what our shell scripts run

constexpr const char* kFooter = R"(
Exit status: 0 done or admitted, 1 refused, no node that can host CVMs, or a check or test that
found something, 2 unusable input or a failure.
Each command has examples: cvm-webhook COMMAND --help)";

// CLI11 would only say that a subcommand is required.
std::optional<std::string> find_unknown_command(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  std::string path;
  for (int index = 1; index < argc && argv[index][0] != '-'; ++index) {
    std::vector<std::string_view> names;
    const CLI::App* next = nullptr;
    for (const CLI::App* command : at->get_subcommands({})) {
      if (command->get_name().empty()) continue;  // a group of options
      names.push_back(command->get_name());
      if (names.back() == argv[index]) next = command;
    }
    if (names.empty()) return std::nullopt;  // what follows are arguments
    if (next == nullptr) {
      return "unknown command " + path + argv[index] + did_you_mean(argv[index], names) +
             "\nRun with --help for more information.";
    }
    path += next->get_name() + " ";
    at = next;
  }
  return std::nullopt;
}

bool runs_as(std::string_view file, int argc, char** argv) {
  return argc > 0 && std::filesystem::path(argv[0]).filename() == file;
}

// The words of the command line to complete; nothing where none is.
std::optional<std::vector<std::string>> words_to_complete(int argc, char** argv) {
  if (runs_as(kPluginCompleterFile, argc, argv)) {
    return std::vector<std::string>(argv + 1, argv + argc);
  }
  if (argc < 2 || argv[1] != kCompleteCommand) return std::nullopt;
  return std::vector<std::string>(argv + 2, argv + argc);
}

// Examples are written for cvm-webhook; whoever typed `kubectl cvm` is to find that in them.
void name_plugin_in_footers(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands({})) name_plugin_in_footers(*command);
  std::string text = app.get_footer();
  for (std::size_t at = 0; (at = text.find(kName, at)) != std::string::npos; ++at) {
    const std::string_view next = std::string_view(text).substr(at + kName.size(), 2);
    // A command follows: not "--service cvm-webhook --namespace ...".
    const bool is_command = next.size() == 2 && next[0] == ' ' && std::isalpha(next[1]) != 0;
    if (is_command) text.replace(at, kName.size(), kPluginName);
  }
  app.footer(text);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  const bool as_plugin =
      runs_as(kPluginFile, argc, argv) || runs_as(kPluginCompleterFile, argc, argv);
  CLI::App app("Kubernetes admission webhook for container-based virtual machines (CVMs)",
               std::string(as_plugin ? kPluginName : kName));
  app.set_version_flag("--version", "cvm-webhook " CVM_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);

  int exit_code = kExitOk;
  add_serve_command(app, exit_code);
  add_eval_command(app, as_plugin, exit_code);
  add_test_command(app, exit_code);
  add_nodes_command(app, as_plugin, exit_code);
  add_doctor_command(app, as_plugin, exit_code);
  add_replay_command(app, exit_code);
  add_certs_command(app, exit_code);
  add_config_command(app, exit_code);
  add_rules_command(app, exit_code);
  add_completion_command(app, exit_code);
  add_man_command(app, exit_code);
  add_version_command(app, exit_code);
  if (as_plugin) name_plugin_in_footers(app);
  if (const auto words = words_to_complete(argc, argv)) {
    std::cout << print_completion(complete(app, *words));
    return kExitOk;
  }
  if (const auto message = find_unknown_command(app, argc, argv)) {
    std::cerr << *message << '\n';
    return kExitUnusable;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version are "errors" with code 0.
    return app.exit(error) == 0 ? kExitOk : kExitUnusable;
  } catch (const Unusable& error) {
    std::cerr << error.what() << '\n';
    return kExitUnusable;
  }
  return exit_code;
}

}  // namespace cvm::webhook
