// Refuses port forwarding to CVMs, where the administrator chose so: supervisor and workspace share
// the pod's network, so whatever the supervisor listens on is reached by it.
#include "policies/model/known_pods.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_port_forward(const PodConnection& connection, Problems& problems) {
  if (connection.pod.supervisor.empty()) return;  // mode native: there is none to reach
  problems.push_back(
      {"the call forwards ports of a CVM, where the supervisor listens as well, and your cluster "
       "administrator has switched that off; expose the workspace by a Service",
       ""});
}

}  // namespace

constinit const PodConnectionRule rules::port_forward{
    .descriptor =
        {.id = "port-forward",
         .summary = "kubectl port-forward to a CVM: the supervisor listens on the same "
                    "network as the workspace",
         .default_action = RuleAction::kOff,
         .calls = {RuleCall::kPortForward},
         .explanation = {.checks = "A call to pods/portforward of a CVM that has a supervisor. Off "
                                   "unless the settings' rules say otherwise.",
                         .why = "Supervisor and workspace share the pod's network, so whatever the "
                                "supervisor listens on is reached by port forwarding as well.",
                         .fix = "Expose the workspace by a Service.",
                         .fields = {"spec.containers[*].name", "spec.initContainers[*].name",
                                    "metadata.annotations[cvm-webhook.io/plan]",
                                    "metadata.annotations[cvm-webhook.io/supervisor]"},
                         .settings = {"isolation.breakGlass"},
                         .sources = {"https://kubernetes.io/docs/concepts/workloads/pods/"}}},
    .check = check_port_forward,
};

}  // namespace cvm
