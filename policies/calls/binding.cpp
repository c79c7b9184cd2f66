#include "policies/calls/binding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <string>

#include "policies/calls/find_pod.hpp"
#include "policies/calls/rule_runner.hpp"
#include "policies/model/gpu.hpp"
#include "policies/model/host_directories.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/profiles/profile_choice.hpp"
#include "policies/rules/rules.hpp"
#include "policies/scratch.hpp"

namespace cvm {

namespace {

// The node's verdict, whatever its taints: the scheduler has looked at those.
void find_node(const NodeInventory& nodes, std::string_view node, bool requests_gpu,
               NodeInventory::Candidates& out) {
  std::array<std::byte, 256> memory;
  std::pmr::monotonic_buffer_resource arena(memory.data(), memory.size());
  PodView pod(&arena);
  pod.node_name = node;
  Toleration every;
  every.op = "Exists";
  pod.tolerations.push_back(every);
  nodes.find_candidates(pod, PodNeeds{.gpu = requests_gpu}, out);
}

}  // namespace

static bool requests_gpu(const KnownPod& pod, const Compatibility& compatibility) {
  return std::any_of(pod.extended_resources.begin(), pod.extended_resources.end(),
                     [&](const std::string& name) { return gpu_vendor(name, compatibility); });
}

static bool is_of_selector(std::string_view label, const Settings& settings) {
  const auto& requirements = settings.workspace_selector.requirements;
  return std::any_of(requirements.begin(), requirements.end(),
                     [label](const LabelRequirement& one) { return one.key == label; });
}

// The API server copies a binding's labels and annotations to the pod.
static void check_metadata(const AdmissionRequest& request, const Snapshot& snapshot,
                           TracePen trace, Verdict& out) {
  const RuleActions& actions = snapshot.rules->actions();
  if (request.binding_labels == nullptr) {
    trace.skip(rules::cvm_opt_out, RuleSkip::kNoMetadata);
    trace.skip(rules::plan_changed, RuleSkip::kNoMetadata);
    trace.skip(rules::mirror_pod, RuleSkip::kNoMetadata);
    return;
  }
  trace.ask(rules::cvm_opt_out, actions.cvm_opt_out);
  trace.ask(rules::plan_changed, actions.plan_changed);
  trace.ask(rules::mirror_pod, actions.mirror_pod);
  const auto add = [&](const RuleDescriptor& rule, RuleAction action, std::string_view key,
                       const char* map) {
    out.add(
        rule, action,
        fmt::format(
            "{} says what cvm-webhook makes of a pod and cannot be set by a binding; leave it out",
            quoted(key)),
        fmt::format("metadata.{}[{}]", map, key));
  };
  for (const KeyValue& label : *request.binding_labels) {
    if (label.key == kCvmLabel || is_of_selector(label.key, *snapshot.settings)) {
      add(rules::cvm_opt_out, actions.cvm_opt_out, label.key, "labels");
    } else if (label.key == kProfileLabel) {
      add(rules::plan_changed, actions.plan_changed, label.key, "labels");
    }
  }
  for (const KeyValue& annotation : *request.binding_annotations) {
    if (annotation.key == kPlanAnnotation || annotation.key == kProfileAnnotation ||
        annotation.key == kSupervisorAnnotation ||
        annotation.key == kWorkspaceContainerAnnotation) {
      add(rules::plan_changed, actions.plan_changed, annotation.key, "annotations");
    } else if (annotation.key == kMirrorAnnotation) {
      add(rules::mirror_pod, actions.mirror_pod, annotation.key, "annotations");
    }
  }
}

static void check_file_system(const AdmissionRequest& request, const std::string& claim,
                              const Snapshot& snapshot, Verdict& out) {
  const std::string_view found = snapshot.host_volumes->unmappable(request.namespace_, claim);
  if (found.empty()) return;
  out.add(rules::volume_id_mapping, snapshot.rules->actions().volume_id_mapping,
          fmt::format("claim {} of the pod is on {}, whose mounts cannot be ID-mapped; make the "
                      "pod with another claim",
                      quoted(claim), found));
}

// A claim may have got its volume after the pod was made.
static void check_claims(const AdmissionRequest& request, const KnownPod& pod,
                         const Snapshot& snapshot, TracePen trace, Verdict& out) {
  const RuleActions& actions = snapshot.rules->actions();
  if (!snapshot.host_volumes) {
    trace.skip(rules::host_volume, RuleSkip::kUnknownVolumes);
    trace.skip(rules::volume_id_mapping, RuleSkip::kUnknownVolumes);
    return;
  }
  trace.ask(rules::host_volume, actions.host_volume);
  const bool is_native = snapshot.settings->mode == Mode::kNative;
  if (is_native && pod.is_cvm) {
    trace.ask(rules::volume_id_mapping, actions.volume_id_mapping);
  } else {
    trace.skip(rules::volume_id_mapping, is_native ? RuleSkip::kNotCvm : RuleSkip::kNotNative);
  }
  for (const std::string& claim : pod.claims) {
    if (is_native && pod.is_cvm) check_file_system(request, claim, snapshot, out);
    const std::string* path = snapshot.host_volumes->find(request.namespace_, claim);
    if (path == nullptr || !holds_host_directory(*path)) continue;
    out.add(rules::host_volume, actions.host_volume,
            fmt::format("claim {} of the pod is the node's directory {}, with which the supervisor "
                        "works; make the pod with another claim",
                        quoted(claim), readable(*path)));
  }
}

static void judge_cvm(const AdmissionRequest& request, const KnownPod& pod, const Snapshot& cluster,
                      Scratch& scratch, Verdict& out) {
  const Snapshot& snapshot = *profile_of(pod.profile, cluster);
  out.is_cvm = true;
  out.profile = snapshot.plan->profile();
  if (!snapshot.nodes) return scratch.trace.skip_rest(RuleSkip::kUnknownNodes);
  const bool gpu = requests_gpu(pod, snapshot.settings->compatibility);
  find_node(*snapshot.nodes, request.binding_node, gpu, scratch.candidates);
  // A node that is not known is for the API server to judge.
  if (scratch.candidates.total == 0) return scratch.trace.skip_rest(RuleSkip::kUnknownNodes);
  scratch.trace.ask(rules::node_binding);
  trace_node_rules(*snapshot.rules, gpu, RuleSkip::kNone, scratch.trace);
  if (scratch.candidates.usable > 0) return;
  out.add(rules::node_binding, RuleAction::kDeny,
          fmt::format(
              "node {} cannot host this CVM, for the reasons below; bind the pod to a node {}",
              quoted(request.binding_node),
              snapshot.settings->nodes.mark
                  ? fmt::format("with the label {}=true", gpu ? kCvmGpuNodeLabel : kCvmNodeLabel)
                  : "that can"),
          "target.name");
  for (const NodeInventory::ReasonCount& count : scratch.candidates.reasons) {
    const NodeReason& reason = snapshot.nodes->reasons()[count.reason];
    if (reason.action != RuleAction::kDeny) continue;
    out.add(*reason.rule, RuleAction::kDeny, reason.message);
  }
}

bool is_binding(const AdmissionRequest& request) {
  if (request.operation != Operation::kCreate || !request.resource.group.empty()) return false;
  const std::string_view resource = request.resource.resource;
  return (resource == "pods" && request.subresource == "binding") ||
         (resource == "bindings" && request.subresource.empty());
}

void judge_binding(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
                   Verdict& out, const PodLookup* lookup) {
  check_metadata(request, snapshot, scratch.trace, out);
  if (!snapshot.known_pods || request.binding_node.empty()) {
    return scratch.trace.skip_rest(RuleSkip::kUnknownPod);
  }
  const FoundPod found = find_pod(request, snapshot, lookup);
  switch (found.outcome) {
    case FoundPod::Outcome::kKnown:
      check_claims(request, *found.pod, snapshot, scratch.trace, out);
      if (!found.pod->is_cvm) return scratch.trace.skip_rest(RuleSkip::kNotCvm);
      return judge_cvm(request, *found.pod, snapshot, scratch, out);
    case FoundPod::Outcome::kAbsent:
      return scratch.trace.skip_rest(RuleSkip::kAbsentPod);
    case FoundPod::Outcome::kAwaited:
      out.awaits_pod = true;
      out.allowed = false;
      break;
    case FoundPod::Outcome::kUnanswered:
      out.add(rules::node_binding, RuleAction::kDeny,
              fmt::format("it could not be learnt from the API server whether the pod is a CVM, "
                          "which not every node can host ({}); try again",
                          found.failure));
      break;
    case FoundPod::Outcome::kUnknown:
      out.add(rules::node_binding, RuleAction::kAudit,
              "the pod is not known yet, so it was not checked whether its node can host a CVM");
      break;
  }
  scratch.trace.skip_rest(RuleSkip::kUnknownPod);
}

}  // namespace cvm
