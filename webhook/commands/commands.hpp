// The verbs of cvm-webhook, one file each.
#pragma once

namespace cvm::webhook {

class Command;

// argv[0] decides how the program names itself: through a link kubectl-cvm it is `kubectl cvm`.
// Called as kubectl_complete-cvm, or with __complete before them, it prints what may come after the
// arguments, the last of which is being typed.
int run_command_line(int argc, char** argv);

// Each adds its verb to `program`.
void add_serve_command(const Command& program);
void add_certs_command(const Command& program);
// As kubectl's plugin these ask the cluster that kubectl would ask, unless told otherwise.
void add_eval_command(const Command& program, bool as_plugin);
void add_nodes_command(const Command& program, bool as_plugin);
void add_doctor_command(const Command& program, bool as_plugin);
void add_replay_command(const Command& program);
void add_config_command(const Command& program);
void add_rules_command(const Command& program);
void add_completion_command(const Command& program);
void add_man_command(const Command& program);
void add_version_command(const Command& program);
void add_test_command(const Command& program);

}  // namespace cvm::webhook
