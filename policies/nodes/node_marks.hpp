// NodeMarks: what a node should carry, so that the scheduler keeps CVMs on nodes that can host them
// and an administrator sees which those are.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "policies/nodes/node_inventory.hpp"

namespace cvm {

// The annotation that says why a node cannot host them.
inline constexpr std::string_view kCvmReasonsAnnotation = "cvm-webhook.io/cvm-reasons";

// Bytes of the annotation; a node's annotations may have 256 KiB in all.
inline constexpr std::size_t kMostReasonBytes = 2048;

struct NodeMarks {
  std::string cvm, cvm_gpu;  // "true" or "false"; empty: the label is absent
  std::string reasons;       // "node-selinux: SELinux is enabled ..."; empty: absent

  bool operator==(const NodeMarks&) const = default;

  // The same marks have the same digest; it stands for them where many are kept.
  std::uint64_t digest() const;
};

// By the denying reasons of the class.
NodeMarks desired_marks(const NodeInventory& nodes, std::size_t node_class);

// Cuts a text to kMostReasonBytes, between two characters.
void bound_reasons(std::string& text);

// Every node that exists, with what it should carry and its digest.
void for_each_desired_marks(
    const NodeInventory& nodes,
    const std::function<void(const std::string& name, const NodeMarks& marks,
                             std::uint64_t digest)>& visit);

}  // namespace cvm
