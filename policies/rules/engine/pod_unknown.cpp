#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::pod_unknown{
    .id = "pod-unknown",
    .summary = "It cannot be learnt whether the pod that somebody connects to is a CVM",
    .calls = {RuleCall::kExec, RuleCall::kAttach, RuleCall::kPortForward, RuleCall::kProxy},
    .fixed = "cannot be set: nobody could tell a supervisor from another container",
    .explanation = {.checks = "A connection to a pod carries no pod. It is refused where the API "
                              "server does not say what the pod is and, with placement wrap, where "
                              "cvm-webhook has no API server to ask.",
                    .why = "The pod may be a CVM. In its supervisor, a user is root on the node.",
                    .fix = "Try again. If it lasts, ask your cluster administrator whether "
                           "cvm-webhook reaches the API server (/readyz?verbose).",
                    .fields = {"AdmissionReview request.name", "AdmissionReview request.namespace"},
                    .settings = {"supervisor.placement", "isolation.breakGlass"},
                    .sources = {"README.md"}},
};

}  // namespace cvm
