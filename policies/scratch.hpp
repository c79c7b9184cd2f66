// Scratch: the working memory of decisions.
#pragma once

#include <optional>

#include "policies/model/finding.hpp"
#include "policies/mutations/wrap/inner_view.hpp"
#include "policies/mutations/wrap/wrapping.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "policies/rule.hpp"
#include "policies/rules/rule_trace.hpp"

namespace cvm {

// Working memory of one thread, reused between decisions: mutate() and validate() clear it.
struct Scratch {
  NodeInventory::Candidates candidates;
  Problems problems;
  TracePen trace;  // what the rules have to do with the decision; nowhere, unless somebody asked
  // What a PodContext points to.
  std::optional<InnerView> inner;
  std::optional<Wrapping> wrapping;

  // Ready for the next decision; keeps its memory, and where the trace goes.
  void clear() {
    candidates.clear();
    problems.clear();
    inner.reset();
    wrapping.reset();
  }
};

}  // namespace cvm
