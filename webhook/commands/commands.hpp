// The verbs of cvm-webhook, one file each.
#pragma once

#include <CLI/App.hpp>

namespace cvm::webhook {

// Exit codes: 0 done or admitted; 1 refused, no node that can host CVMs, or a check that found
// something; 2 unusable input or a failure.
inline constexpr int kExitOk = 0;
inline constexpr int kExitRefused = 1;
inline constexpr int kExitUnusable = 2;

// argv[0] decides how the program names itself: through a link kubectl-cvm it is `kubectl cvm`.
// Called as kubectl_complete-cvm, or with __complete before them, it prints what may come after the
// arguments, the last of which is being typed.
int run_command_line(int argc, char** argv);

// Each adds its subcommand to `app`; its callback sets `exit_code`.
void add_serve_command(CLI::App& app, int& exit_code);
void add_certs_command(CLI::App& app, int& exit_code);
// As kubectl's plugin these ask the cluster that kubectl would ask, unless told otherwise.
void add_eval_command(CLI::App& app, bool as_plugin, int& exit_code);
void add_nodes_command(CLI::App& app, bool as_plugin, int& exit_code);
void add_doctor_command(CLI::App& app, bool as_plugin, int& exit_code);
void add_replay_command(CLI::App& app, int& exit_code);
void add_config_command(CLI::App& app, int& exit_code);
void add_rules_command(CLI::App& app, int& exit_code);
void add_completion_command(CLI::App& app, int& exit_code);
void add_man_command(CLI::App& app, int& exit_code);
void add_version_command(CLI::App& app, int& exit_code);
void add_test_command(CLI::App& app, int& exit_code);

}  // namespace cvm::webhook
