#include "policies/rules/registry.hpp"

#include <algorithm>

#include "policies/rules/pod_security/pod_security.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

std::span<const PodRule> pod_rules() {
  static const std::vector<PodRule> rules = {
      kCvmDisabled,                        //
      kCvmLabelRule,                       //
      kWorkspaceContainer,                 //
      kReservedName,                       //
      kRuntimeClassConflict,               //
      kHostNamespaces,                     //
      kSharedProcessNamespace,             //
      kPrivilegedWorkspace,                //
      kGpuNative,                          //
      kGpuVendor,                          //
      kGpuCaching,                         //
      kGpuBeta,                            //
      kTmpMount,                           //
      kVolumeDriver,                       //
      kHostVolume,                         //
      kSysboxVariable,                     //
      kVolumeIdMapping,                    //
      kVolumeOwnership,                    //
      kIgnoredProfile,                     //
      kMirrorPod,                          //
      kWrapUnsupported,                    //
      kWrapDropped,                        //
      kWrapEntrypoint,                     //
      kWrapUser,                           //
      kWrapReadOnly,                       //
      kPodSecurityHostNamespaces,          //
      kPodSecurityPrivileged,              //
      kPodSecurityCapabilitiesBaseline,    //
      kPodSecurityHostPathVolumes,         //
      kPodSecurityHostPorts,               //
      kPodSecurityHostProbes,              //
      kPodSecurityAppArmor,                //
      kPodSecuritySelinux,                 //
      kPodSecurityProcMount,               //
      kPodSecuritySeccompBaseline,         //
      kPodSecuritySysctls,                 //
      kPodSecurityWindowsHostProcess,      //
      kPodSecurityVolumeTypes,             //
      kPodSecurityPrivilegeEscalation,     //
      kPodSecurityRunAsNonRoot,            //
      kPodSecurityRunAsUser,               //
      kPodSecuritySeccompRestricted,       //
      kPodSecurityCapabilitiesRestricted,  //
      kPodSecurityProcMountRestricted,
  };
  return rules;
}

std::span<const NodeRule> node_rules() {
  static const std::vector<NodeRule> rules = {
      kNodeOs,                 //
      kNodeArchitecture,       //
      kNodeKubernetesVersion,  //
      kNodeSelinux,            //
      kNodeKernel,             //
      kNodeShiftfs,            //
      kNodeSysbox,             //
      kNodeUserNamespaces,     //
      kNodeIdMapping,          //
      kGpuCloud,
  };
  return rules;
}

std::span<const PodChangeRule> pod_change_rules() {
  static const std::vector<PodChangeRule> rules = {kPlanChanged, kCvmOptOut};
  return rules;
}

std::span<const PodConnectionRule> pod_connection_rules() {
  static const std::vector<PodConnectionRule> rules = {kSupervisorAccess, kPortForward, kPodProxy};
  return rules;
}

const RuleDescriptor& no_candidate_node_rule() {
  static constexpr RuleDescriptor kRule{
      .id = "no-candidate-node",
      .summary = "No node that the pod may land on is known",
      .default_action = RuleAction::kWarn,
      .explanation = {
          .checks =
              "No known node, and no node template of the settings, matches the pod's nodeName, "
              "nodeSelector, required node affinity, tolerations and extended resources.",
          .why = "Nothing is known of the node that the pod will run on, so it may turn out one "
                 "that cannot host a CVM. An autoscaler may add a node that can.",
          .fix = "Check the pod's node selector, affinity and tolerations, and describe node "
                 "groups that start empty in nodes.templates.",
          .fields = {"spec.nodeName", "spec.nodeSelector",
                     "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
                     "spec.tolerations", "spec.containers[*].resources",
                     "spec.initContainers[*].resources", "Node metadata.labels", "Node spec.taints",
                     "Node status.allocatable", "RuntimeClass scheduling"},
          .settings = {"nodes.templates", "runtimeClassName"},
          .sources = {"README.md"}}};
  return kRule;
}

const RuleDescriptor& plan_incomplete_rule() {
  static constexpr RuleDescriptor kRule{
      .id = "plan-incomplete",
      .summary = "A CVM lacks a part that cvm-webhook puts in, or something changed one",
      .explanation = {
          .checks =
              "The final pod of a CVM lacks a part that cvm-webhook puts in, or has it changed: by "
              "the user or by another webhook. What injectors may add, isolation.injected says.",
          .why = "The CVM would not start, or its supervisor would do something else than it is "
                 "there for.",
          .fix = "Remove what the pod sets of these parts itself. Where another webhook changed "
                 "one, exempt the namespace there, or name what it adds in isolation.injected.",
          .fields = {"spec.runtimeClassName", "spec.initContainers", "spec.containers",
                     "spec.volumes", "spec.nodeSelector[cvm-webhook.io/cvm-gpu]", "spec.hostUsers",
                     "metadata.annotations[io.kubernetes.cri-o.userns-mode]",
                     "metadata.annotations[cvm-webhook.io/plan]",
                     "metadata.annotations[cvm-webhook.io/profile]",
                     "metadata.annotations[cvm-webhook.io/supervisor]"},
          .settings = {"isolation.injected", "supervisor.placement", "hostPaths",
                       "runtimeClassName"},
          .sources = {"README.md", "docs/modes.md"}}};
  return kRule;
}

const RuleDescriptor& namespace_label_rule() {
  static constexpr RuleDescriptor kRule{
      .id = "namespace-label",
      .summary = "A namespace that holds CVMs loses the label by which they are looked after",
      .explanation = {
          .checks = "A change of a namespace that takes the label "
                    "cvm-webhook.io/workspaces=enabled away while the namespace holds CVMs.",
          .why = "Without the label no call about its pods reaches cvm-webhook, and nobody keeps "
                 "users away from the supervisors there.",
          .fix = "Delete the CVM pods of the namespace first.",
          .fields = {"Namespace metadata.labels[cvm-webhook.io/workspaces]",
                     "Namespace metadata.name", "metadata.namespace",
                     "metadata.annotations[cvm-webhook.io/plan]", "spec.containers[*].name",
                     "spec.initContainers[*].name"},
          .settings = {"isolation.breakGlass"},
          .sources = {"README.md", "manifests/README.md"}}};
  return kRule;
}

const RuleDescriptor& namespace_pod_security_rule() {
  static constexpr RuleDescriptor kRule{
      .id = "namespace-pod-security",
      .summary = "The namespace's Pod Security level refuses the supervisor of a CVM",
      .default_action = RuleAction::kWarn,
      .explanation = {
          .checks = "The label pod-security.kubernetes.io/enforce of the pod's namespace is "
                    "baseline or restricted, and the CVM is given a privileged supervisor.",
          .why = "The API server's own Pod Security admission would refuse the supervisor.",
          .fix = "Label the namespace pod-security.kubernetes.io/enforce=privileged: cvm-webhook "
                 "holds the rest of each pod to isolation.podSecurity.",
          .fields = {"Namespace metadata.labels[pod-security.kubernetes.io/enforce]",
                     "metadata.namespace"},
          .settings = {"mode", "isolation.podSecurity"},
          .sources = {"https://kubernetes.io/docs/concepts/security/pod-security-admission/",
                      "manifests/README.md"}}};
  return kRule;
}

const RuleDescriptor& user_namespace_stale_rule() {
  static constexpr RuleDescriptor kRule{
      .id = "user-namespace-stale",
      .summary =
          "Mode native: hostUsers or CRI-O's annotation of the pod would fail on its nodes "
          "and is put right",
      .default_action = RuleAction::kWarn,
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
  return kRule;
}

const RuleDescriptor& user_namespace_mixed_rule() {
  static constexpr RuleDescriptor kRule{
      .id = "user-namespace-mixed",
      .summary =
          "Mode native: the nodes that the pod may land on give it a user namespace in "
          "different ways, and no label tells them apart",
      .explanation = {
          .checks = "Mode native: of the nodes that the pod may land on, some need hostUsers: "
                    "false and others CRI-O's annotation, and no node label tells these apart.",
          .why = "A pod can have one of the two, and would fail on the nodes that need the other.",
          .fix = "Give the pod a node selector, or label the nodes by their container runtime.",
          .fields = {"spec.nodeName", "spec.nodeSelector",
                     "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
                     "spec.tolerations", "Node metadata.labels", "Node spec.taints",
                     "Node status.nodeInfo.containerRuntimeVersion",
                     "Node status.nodeInfo.kubeletVersion", "Node status.runtimeHandlers",
                     "RuntimeClass scheduling"},
          .settings = {"mode", "compatibility.userNamespaces"},
          .sources = {"README.md", "docs/modes.md"}}};
  return kRule;
}

const RuleDescriptor& profile_choice_rule() {
  static constexpr RuleDescriptor kRule{
      .id = "profile-choice",
      .summary = "The pod or its namespace asks for a profile that it cannot have",
      .explanation = {.checks = "The label cvm-webhook.io/profile of the pod or of its namespace "
                                "asks for a profile that is not there, or not for them to choose; "
                                "or the labels of the namespace are not known yet.",
                      .why = "The pod would be made by other settings than somebody asked for: "
                             "with less than its namespace is meant to have.",
                      .fix = "Set the label to a profile that may be chosen there, remove it, or "
                             "let the profile be chosen so (profiles[*].chosenBy).",
                      .fields = {"metadata.labels[cvm-webhook.io/profile]",
                                 "Namespace metadata.labels[cvm-webhook.io/profile]",
                                 "metadata.namespace", "metadata.labels"},
                      .settings = {"profiles", "defaultProfile"},
                      .sources = {"README.md"}}};
  return kRule;
}

std::span<const RuleDescriptor> all_rules() {
  static const std::vector<RuleDescriptor> sorted = [] {
    std::vector<RuleDescriptor> rules;
    for (const PodRule& rule : pod_rules()) rules.push_back(rule.descriptor);
    for (const NodeRule& rule : node_rules()) rules.push_back(rule.descriptor);
    for (const PodChangeRule& rule : pod_change_rules()) rules.push_back(rule.descriptor);
    for (const PodConnectionRule& rule : pod_connection_rules()) rules.push_back(rule.descriptor);
    rules.insert(rules.end(),
                 {no_candidate_node_rule(), plan_incomplete_rule(), namespace_label_rule(),
                  namespace_pod_security_rule(), user_namespace_stale_rule(),
                  user_namespace_mixed_rule(), profile_choice_rule()});
    std::sort(
        rules.begin(), rules.end(),
        [](const RuleDescriptor& left, const RuleDescriptor& right) { return left.id < right.id; });
    return rules;
  }();
  return sorted;
}

const RuleDescriptor* find_rule(std::string_view id) {
  const auto rules = all_rules();
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [id](const RuleDescriptor& rule) { return rule.id == id; });
  return found == rules.end() ? nullptr : &*found;
}

RuleAction action_of(const RuleDescriptor& rule, const Settings& settings) {
  const auto chosen = settings.rules.find(rule.id);
  return chosen == settings.rules.end() ? rule.default_action : chosen->second;
}

RuleAction action_of(const PodRule& rule, const Settings& settings) {
  if (rule.level == PodSecurityLevel::kPrivileged || settings.rules.contains(rule.descriptor.id)) {
    return action_of(rule.descriptor, settings);
  }
  const PodSecuritySettings& levels = settings.isolation.pod_security;
  if (levels.enforce >= rule.level) return RuleAction::kDeny;
  if (levels.warn >= rule.level) return RuleAction::kWarn;
  return levels.audit >= rule.level ? RuleAction::kAudit : RuleAction::kOff;
}

}  // namespace cvm
