// Refuses pods that share namespaces of the node: Sysbox does not support them, and through the
// node's own network, processes or IPC a workspace would reach past its supervisor.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_host_namespaces(const PodContext& context, Problems& problems) {
  for_each_shared_namespace(context.pod, [&](std::string_view name) {
    problems.push_back(
        {fmt::format("{0} is true and a CVM cannot share namespaces of its node; remove {0}", name),
         fmt::format("spec.{}", name)});
  });
  if (context.settings.mode == Mode::kSupervised && context.pod.host_users == false) {
    problems.push_back(
        {"hostUsers is false and a CVM's supervisor must run in the node's user "
         "namespace; remove hostUsers: the CVM gets a user namespace of its own",
         "spec.hostUsers"});
  }
}

}  // namespace

constinit const PodRule rules::host_namespaces{
    .descriptor =
        {.id = "host-namespaces",
         .summary = "The pod uses hostNetwork, hostPID or hostIPC, or sets hostUsers to "
                    "false",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "spec.hostNetwork, spec.hostPID or spec.hostIPC is true; in mode "
                        "supervised also spec.hostUsers: false.",
              .why = "Sysbox does not support it, and through the node's network, processes or IPC "
                     "a workspace would reach past its supervisor. With hostUsers: false the "
                     "privileged supervisor would be root of a user namespace only, and could not "
                     "set the inner container up.",
              .fix = "Remove the field. A CVM has a network and a user namespace of its own.",
              .fields = {"spec.hostNetwork", "spec.hostPID", "spec.hostIPC", "spec.hostUsers"},
              .settings = {"mode"},
              .sources =
                  {"https://github.com/nestybox/sysbox/blob/master/docs/user-guide/limitations.md",
                   "docs/modes.md"}}},
    .check = check_host_namespaces,
};

}  // namespace cvm
