// TaintIndex: which node classes' taints keep a pod away that does not tolerate them.
#pragma once

#include <span>
#include <vector>

#include "policies/model/selectors.hpp"
#include "policies/nodes/node_catalog.hpp"
#include "policies/nodes/node_set.hpp"

namespace cvm {

// True for the key of a taint that stands for a passing condition (not ready, cordoned, under
// pressure...): what such a node is does not change, so it counts as one that a pod may land on.
bool is_transient(std::string_view key);

// As the scheduler decides it: an empty effect tolerates every effect, an empty key every key; Gt
// and Lt (Kubernetes 1.35) compare the taint's value, an integer, with the toleration's.
bool tolerates(const Toleration& toleration, const Taint& taint);

class TaintIndex {
 public:
  // Effects other than NoSchedule and NoExecute keep no pod away and are left out, as are transient
  // taints. Keeps pointers into `classes`, which must outlive it.
  explicit TaintIndex(const NodeClasses& classes);

  // Removes from `bits` the classes with a taint that none of the tolerations tolerates.
  // `scheduled` is false for a pod whose nodeName is set: it passes the scheduler by, and only
  // NoExecute taints, which the kubelet looks at, keep it away.
  void remove_untolerated(std::span<const Toleration> tolerations, bool scheduled,
                          Bitset& bits) const;

 private:
  struct Entry {
    const Taint* taint;
    NodeSet nodes;
  };
  std::vector<Entry> entries_;  // one for each distinct taint
};

}  // namespace cvm
