#include "policies/nodes/node_marks.hpp"

#include <map>
#include <vector>

#include "policies/mutations/plan_hash.hpp"

namespace cvm {
void bound_reasons(std::string& text) {
  constexpr std::string_view kCut = "...";
  if (text.size() <= kMostReasonBytes) return;
  std::size_t end = kMostReasonBytes - kCut.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  text += kCut;
}

std::uint64_t NodeMarks::digest() const {
  return hash_plan_text(reasons, hash_plan_text(cvm_gpu, hash_plan_text(cvm)));
}

NodeMarks desired_marks(const NodeInventory& nodes, std::size_t node) {
  bool cvm = true, cvm_gpu = true;
  NodeMarks marks;
  for (const std::uint32_t position : nodes.reasons_of(node)) {
    const NodeReason& reason = nodes.reasons()[position];
    if (reason.action != RuleAction::kDeny) continue;
    cvm_gpu = false;
    cvm = cvm && reason.gpu_pods_only;
    if (!marks.reasons.empty()) marks.reasons += "; ";
    marks.reasons += reason.rule;
    if (reason.gpu_pods_only) marks.reasons += " (GPU)";
    marks.reasons += ": ";
    marks.reasons += reason.message;
  }
  bound_reasons(marks.reasons);
  marks.cvm = cvm ? "true" : "false";
  marks.cvm_gpu = cvm_gpu ? "true" : "false";
  return marks;
}

void for_each_desired_marks(
    const NodeInventory& nodes,
    const std::function<void(const std::string& name, const NodeMarks& marks)>& visit) {
  // Most nodes share their reasons with many others.
  std::map<std::vector<std::uint32_t>, NodeMarks> by_reasons;
  for (std::size_t node = 0; node < nodes.nodes().size(); ++node) {
    const auto reasons = nodes.reasons_of(node);
    const auto [found, is_new] =
        by_reasons.try_emplace(std::vector<std::uint32_t>(reasons.begin(), reasons.end()));
    if (is_new) found->second = desired_marks(nodes, node);
    visit(nodes.nodes()[node].name, found->second);
  }
}

}  // namespace cvm
