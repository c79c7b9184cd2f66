#include "webhook/commands/commands.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "webhook/commands/unusable.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kFooter = R"(
Exit status: 0 done or admitted, 1 refused, 2 unusable input or a failure.
Each command has examples: cvm-webhook COMMAND --help)";

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("Kubernetes admission webhook for container-based virtual machines (CVMs)",
               "cvm-webhook");
  app.set_version_flag("--version", "cvm-webhook " CVM_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);

  int exit_code = kExitOk;
  add_serve_command(app, exit_code);
  add_eval_command(app, exit_code);
  add_nodes_command(app, exit_code);
  add_certs_command(app, exit_code);
  add_config_command(app, exit_code);
  add_rules_command(app, exit_code);
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
