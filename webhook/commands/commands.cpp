#include "webhook/commands/commands.hpp"

#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/commands/command_line/command_line.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/terminal/exit_codes.hpp"

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

}  // namespace

int run_command_line(int argc, char** argv) {
  const bool as_plugin =
      runs_as(kPluginFile, argc, argv) || runs_as(kPluginCompleterFile, argc, argv);
  CommandLine line(std::string(as_plugin ? kPluginName : kName),
                   "Kubernetes admission webhook for container-based virtual machines (CVMs)",
                   "cvm-webhook " CVM_VERSION, kFooter);
  const Command program = line.root();
  add_serve_command(program);
  add_eval_command(program, as_plugin);
  add_test_command(program);
  add_nodes_command(program, as_plugin);
  add_doctor_command(program, as_plugin);
  add_replay_command(program);
  add_certs_command(program);
  add_config_command(program);
  add_rules_command(program);
  add_completion_command(program);
  add_man_command(program);
  add_version_command(program);
  // Examples are written for cvm-webhook; whoever typed `kubectl cvm` is to find that in them.
  if (as_plugin) line.rename_in_footers(kName, kPluginName);
  if (const auto words = words_to_complete(argc, argv)) {
    std::cout << line.complete(*words);
    return kExitOk;
  }
  try {
    return line.run(argc, argv);
  } catch (const Unusable& error) {
    std::cerr << error.what() << '\n';
    return kExitUnusable;
  }
}

}  // namespace cvm::webhook
