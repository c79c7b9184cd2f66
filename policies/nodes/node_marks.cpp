#include "policies/nodes/node_marks.hpp"

#include <utility>
#include <vector>

#include "policies/model/text.hpp"
#include "policies/model/text_hash.hpp"

namespace cvm {
void bound_reasons(std::string& text) {
  constexpr std::string_view kCut = "...";
  if (text.size() <= kMostReasonBytes) return;
  text.resize(cut_utf8(text, kMostReasonBytes - kCut.size()).size());
  text += kCut;
}

std::uint64_t NodeMarks::digest() const {
  return hash_text(reasons, hash_text(cvm_gpu, hash_text(cvm)));
}

NodeMarks desired_marks(const NodeInventory& nodes, std::size_t node_class) {
  bool cvm = true, cvm_gpu = true;
  NodeMarks marks;
  for (const std::uint32_t position : nodes.reasons_of(node_class)) {
    const NodeReason& reason = nodes.reasons()[position];
    if (reason.action != RuleAction::kDeny) continue;
    cvm_gpu = false;
    cvm = cvm && reason.gpu_pods_only;
    if (!marks.reasons.empty()) marks.reasons += "; ";
    marks.reasons += reason.rule->id;
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
    const std::function<void(const std::string& name, const NodeMarks& marks,
                             std::uint64_t digest)>& visit) {
  std::vector<std::pair<NodeMarks, std::uint64_t>> of_classes;
  of_classes.reserve(nodes.catalog().classes->size());
  for (std::size_t each = 0; each < nodes.catalog().classes->size(); ++each) {
    NodeMarks marks = desired_marks(nodes, each);
    const std::uint64_t digest = marks.digest();
    of_classes.emplace_back(std::move(marks), digest);
  }
  nodes.catalog().for_each_node([&](const std::string& name, const NodeEntry& entry) {
    const auto& [marks, digest] = of_classes[entry.node_class];
    visit(name, marks, digest);
  });
}

}  // namespace cvm
