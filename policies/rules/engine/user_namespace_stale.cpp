#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::user_namespace_stale{
    .id = "user-namespace-stale",
    .summary =
        "Mode native: hostUsers or CRI-O's annotation of the pod would fail on its nodes "
        "and is put right",
    .default_action = RuleAction::kWarn,
    .calls = {RuleCall::kPodCreation, RuleCall::kPodTemplate},
    .explanation = {
        .checks = "Mode native: the pod brings spec.hostUsers or the annotation "
                  "io.kubernetes.cri-o.userns-mode, and it would fail on the nodes that the pod "
                  "may land on. It is put right.",
        .why = "The pod would not start, or would run without a user namespace.",
        .fix = "Leave hostUsers and the annotation out: cvm-webhook sets what the nodes need.",
        .fields = {"spec.hostUsers", "metadata.annotations[io.kubernetes.cri-o.userns-mode]",
                   "spec.nodeName", "spec.nodeSelector",
                   "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
                   "spec.tolerations", "Node metadata.labels",
                   "Node status.nodeInfo.containerRuntimeVersion",
                   "Node status.nodeInfo.kubeletVersion", "Node status.runtimeHandlers"},
        .settings = {"mode", "compatibility.userNamespaces"},
        .sources = {"README.md",
                    "https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/"}}};

}  // namespace cvm
