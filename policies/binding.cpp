#include "policies/binding.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <string>

#include "policies/compatibility/gpu.hpp"

namespace cvm {

namespace {

constexpr std::string_view kNodeBinding = "node-binding";

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

static bool requests_gpu(const UnboundPod& pod, const Compatibility& compatibility) {
  return std::any_of(pod.extended_resources.begin(), pod.extended_resources.end(),
                     [&](const std::string& name) { return gpu_vendor(name, compatibility); });
}

bool is_binding(const AdmissionRequest& request) {
  return request.operation == Operation::kCreate && request.resource.group.empty() &&
         request.resource.resource == "pods" && request.subresource == "binding";
}

void judge_binding(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
                   Verdict& out) {
  out.clear();
  if (!snapshot.unbound_pods || !snapshot.nodes || request.binding_node.empty()) return;
  const UnboundPod* pod = snapshot.unbound_pods->find(request.namespace_, request.name);
  if (pod == nullptr) {
    out.add({kNodeBinding, RuleAction::kAudit,
             "the pod is not known yet, so it was not checked whether its node can host a CVM",
             ""});
    return;
  }
  if (!pod->is_cvm) return;
  out.is_cvm = true;
  const bool gpu = requests_gpu(*pod, snapshot.settings->compatibility);
  find_node(*snapshot.nodes, request.binding_node, gpu, scratch.candidates);
  // A node that is not known is for the API server to judge.
  if (scratch.candidates.total == 0 || scratch.candidates.usable > 0) return;
  out.add({kNodeBinding, RuleAction::kDeny,
           "node \"" + std::string(request.binding_node) +
               "\" cannot host this CVM, for the reasons below; bind the pod to a node with the "
               "label " +
               std::string(gpu ? kCvmGpuNodeLabel : kCvmNodeLabel) + "=true",
           "target.name"});
  for (const NodeInventory::ReasonCount& count : scratch.candidates.reasons) {
    const NodeReason& reason = snapshot.nodes->reasons()[count.reason];
    if (reason.action != RuleAction::kDeny) continue;
    out.add({reason.rule, RuleAction::kDeny, reason.message, ""});
  }
}

}  // namespace cvm
