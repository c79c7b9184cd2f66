// Refuses the API server's proxy to CVMs, where the administrator chose so: supervisor and
// workspace share the pod's network, so whatever the supervisor listens on is reached by it.
#include "policies/model/known_pods.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_pod_proxy(const PodConnection& connection, Problems& problems) {
  if (connection.pod.supervisor.empty()) return;  // mode native: there is none to reach
  problems.push_back(
      {"the call reaches a CVM through the API server's proxy, by which the supervisor is reached "
       "as well, and your cluster administrator has switched that off; expose the workspace by a "
       "Service",
       ""});
}

}  // namespace

constinit const PodConnectionRule rules::pod_proxy{
    .descriptor =
        {.id = "pod-proxy",
         .summary = "A CVM is reached through the API server's proxy",
         .default_action = RuleAction::kOff,
         .calls = {RuleCall::kProxy},
         .explanation = {.checks = "A call to pods/proxy of a CVM that has a supervisor. Off "
                                   "unless the settings' rules say otherwise.",
                         .why =
                             "Supervisor and workspace share the pod's network, so whatever the "
                             "supervisor listens on is reached by the API server's proxy as well.",
                         .fix = "Expose the workspace by a Service.",
                         .fields = {"spec.containers[*].name", "spec.initContainers[*].name",
                                    "metadata.annotations[cvm-webhook.io/plan]",
                                    "metadata.annotations[cvm-webhook.io/supervisor]"},
                         .settings = {"isolation.breakGlass"},
                         .sources = {"https://kubernetes.io/docs/concepts/workloads/pods/"}}},
    .check = check_pod_proxy,
};

}  // namespace cvm
