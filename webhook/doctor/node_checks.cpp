// Where the settings are from, and whether any node can host CVMs.
//
// Reads Nodes; judges them by the rules that the webhook judges them by.
#include <fmt/format.h>

#include "webhook/doctor/check_parts.hpp"
#include "webhook/doctor/checks.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kTellNodes =
    "kubectl get nodes -o yaml | cvm-webhook nodes --nodes - -o wide";

void judge(const NamedSettings& named, const ClusterFacts& facts, Findings& out) {
  const HostingNodes hosting = find_hosting_nodes(facts, *named.settings);
  const std::string summary =
      fmt::format("{}{} of {} can host CVMs", named.prefix(), hosting.names.size(),
                  count_of(facts.nodes.size(), "node"));
  if (!hosting.names.empty()) {
    out.pass(summary);
  } else if (!named.settings->nodes.templates.empty()) {
    out.warn(fmt::format("{}; CVMs count on the templates in nodes.templates", summary),
             kTellNodes);
  } else {
    out.fail(summary + (hosting.reasons.empty() ? "" : "; " + hosting.reasons.front()), kTellNodes);
  }
}

}  // namespace

void check_settings(const CheckInput& input, Findings& out) { out.add(input.settings.origin); }

void check_nodes(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kNode, out)) return;
  for (const NamedSettings& named : all_settings(input)) judge(named, input.facts, out);
}

}  // namespace cvm::webhook
