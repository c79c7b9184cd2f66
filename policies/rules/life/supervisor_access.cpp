// Refuses to connect to the supervisor: in it, a user is root on the node.
#include <fmt/format.h>

#include "policies/model/known_pods.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_supervisor_access(const PodConnection& connection, Problems& problems) {
  const AdmissionRequest& request = connection.request;
  const std::string_view container = request.connect_container.empty()
                                         ? std::string_view(connection.pod.only_container)
                                         : request.connect_container;
  if (connection.pod.supervisor.empty()) return;  // mode native
  if (container.empty() || container != connection.pod.supervisor) return;
  problems.push_back(
      {fmt::format("container {} is the CVM's supervisor, which users cannot enter; {}",
                   quoted(container),
                   container == kSupervisorName
                       ? "name the workspace container with --container"
                       : "the workspace runs inside it: reach that by its own agent or SSH server"),
       "container"});
}

}  // namespace

constinit const PodConnectionRule rules::supervisor_access{
    .descriptor =
        {.id = "supervisor-access",
         .summary = "exec or attach to the supervisor of a CVM",
         .calls = {RuleCall::kExec, RuleCall::kAttach},
         .guards_supervisor = true,
         .explanation =
             {.checks = "A call to pods/exec or pods/attach of a CVM that names the supervisor, or "
                        "names no container where the API server would choose it.",
              .why = "In the supervisor, a user is root on the node.",
              .fix = "Name the workspace container with --container. With placement wrap, reach "
                     "the workspace by its own agent or SSH server.",
              .fields = {"PodExecOptions container", "PodAttachOptions container",
                         "spec.containers[*].name", "spec.initContainers[*].name",
                         "metadata.annotations[cvm-webhook.io/plan]",
                         "metadata.annotations[cvm-webhook.io/supervisor]"},
              .settings = {"isolation.breakGlass"},
              .sources = {"https://github.com/coder/docs/blob/main/admin/workspace-management/cvms/"
                          "index.md",
                          "docs/modes.md"}}},
    .check = check_supervisor_access,
};

}  // namespace cvm
