// replay: which recorded decisions other settings or nodes would change.
#include <iostream>
#include <map>
#include <memory>

#include "policies/nodes/node_store.hpp"
#include "policies/profiles/profiles.hpp"
#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/commands/options/color_option.hpp"
#include "webhook/evaluation/input.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/recording/replay_output.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kReplayExamples = R"(
Asks the calls again that `serve --record DIR` wrote (or AdmissionReviews from elsewhere, a JSON file
each), by the same code as `serve`, and shows what would be decided otherwise. What was decided then
is what the recording says; with --before, or where it says nothing, what these settings (default:
every default) decide now. A pod's creation is one row: its mutating and validating calls together.
What is known of pods comes from the recording, of nodes from --nodes (--before: the same nodes); of
namespaces and RuntimeClasses nothing is. Calls about pods that the recording does not show are not
judged.

Exit status: 0 every call is allowed or refused as before, 1 one is not, 2 the input is unusable.

Examples:
  cvm-webhook replay recorded/ --settings new.yaml
  cvm-webhook replay recorded/ --settings new.yaml --before settings.yaml
  kubectl get nodes -o yaml | cvm-webhook replay recorded/ --settings settings.yaml --nodes -
  cvm-webhook replay recorded/ --settings new.yaml -o json | jq '.calls[] | select(.change == "refused")')";

enum class ReplayOutput { kText, kJson };

const std::map<std::string, ReplayOutput> kReplayOutputs = {{"text", ReplayOutput::kText},
                                                            {"json", ReplayOutput::kJson}};

struct ReplayOptions {
  std::vector<std::string> paths;
  std::string settings_file, before_file, nodes_file;
  ReplayOutput output = ReplayOutput::kText;
  ColorChoice color = ColorChoice::kAuto;
  bool all = false;
};

Snapshot make_replay_snapshot(const std::string& settings_file,
                              const std::shared_ptr<const NodeCatalog>& nodes) {
  Snapshot snapshot = make_snapshot(read_settings(settings_file));
  if (nodes) use_nodes(snapshot, nodes);
  return snapshot;
}

std::vector<ReplayedCall> replay(const ReplayOptions& options, const Recording& recording) {
  std::shared_ptr<const NodeCatalog> nodes;
  if (!options.nodes_file.empty()) nodes = make_catalog(read_nodes(options.nodes_file));
  Replayer before(make_replay_snapshot(options.before_file, nodes));
  Replayer now(make_replay_snapshot(options.settings_file, nodes));
  for (const RecordedCall& call : recording.follow_ups) {
    before.learn(call);
    now.learn(call);
  }
  std::vector<ReplayedCall> calls;
  for (const RecordedCall& call : recording.calls) {
    ReplayedCall played{.call = &call,
                        .was_recorded = call.answer && options.before_file.empty(),
                        .before = {},
                        .now = now.play(call)};
    if (!played.was_recorded) played.before = before.play(call);
    calls.push_back(std::move(played));
  }
  return calls;
}

bool depends_on_nodes(const std::vector<ReplayedCall>& calls) {
  for (const ReplayedCall& call : calls) {
    if (!call.was_recorded) continue;
    for (const std::string& rule : call.call->answer->rules) {
      if (rule.starts_with("node-") || rule.starts_with("no-")) return true;
    }
  }
  return false;
}

int run_replay(const ReplayOptions& options) {
  Recording recording;
  std::vector<ReplayedCall> calls;
  try {
    recording = read_recording(options.paths);
    calls = replay(options, recording);
  } catch (const Unusable&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw Unusable(error.what());
  }
  if (options.nodes_file.empty() && depends_on_nodes(calls)) {
    std::cerr << "note: recorded decisions depend on nodes, and without --nodes nothing is known "
                 "about them\n";
  }
  const std::size_t follow_ups = recording.follow_ups.size();
  if (options.output == ReplayOutput::kJson) {
    std::cout << print_replay_as_json(calls, follow_ups);
  } else {
    std::cout << print_replay_as_text(calls, follow_ups, options.all,
                                      Painter(use_colors(options.color)));
  }
  for (const ReplayedCall& call : calls) {
    const std::string change = change_of(call);
    if (change == "refused" || change == "admitted") return kExitRefused;
  }
  return kExitOk;
}

}  // namespace

void add_replay_command(const Command& program) {
  auto options = std::make_shared<ReplayOptions>();
  const Command command = program.add_command(
      "replay", "Show which recorded decisions other settings or nodes would change");
  command.footer(kReplayExamples);
  command.option("PATH", options->paths, "Directories of recorded calls, or files").required();
  command.option("--settings", options->settings_file, "The settings to ask")
      .takes("FILE")
      .required();
  command
      .option("--before", options->before_file,
              "The settings to compare with (default: what the recording says)")
      .takes("FILE");
  command
      .option("--nodes", options->nodes_file,
              "Nodes, as `kubectl get nodes -o yaml` prints them; -: the standard input")
      .takes("FILE");
  command.flag("--all", options->all, "Also list the calls that are decided as before");
  command.choice("-o,--output", options->output, "text or json; default: text", kReplayOutputs)
      .takes("FORM");
  add_color_option(command, options->color);
  command.runs([options] { return run_replay(*options); });
}

}  // namespace cvm::webhook
