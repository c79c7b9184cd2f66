// NodeInventory::Index: everything that is worked out once a class of equal nodes. Behind it stand
// the templates of the settings, as classes without nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "policies/nodes/label_index.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "policies/nodes/reason_index.hpp"
#include "policies/nodes/resource_index.hpp"
#include "policies/nodes/taint_index.hpp"
#include "policies/nodes/user_namespace_index.hpp"

namespace cvm {

struct NodeInventory::Index {
  Index(std::shared_ptr<const NodeClasses> of_nodes, const Settings& settings)
      : node_classes(std::move(of_nodes)),
        all(with_templates(*node_classes, settings)),
        labels(all),
        taints(all),
        resources(all),
        reasons(all, settings),
        user_namespaces(all, settings) {
    template_weights.assign(all.size(), 0);
    for (std::size_t each = node_classes->size(); each < all.size(); ++each) {
      template_weights[each] = 1;
    }
  }

  static NodeClasses with_templates(const NodeClasses& classes, const Settings& settings) {
    NodeClasses all = classes;
    for (const NodeTemplate& each : settings.nodes.templates) {
      all.push_back(std::make_shared<const NodeFacts>(each.facts));
    }
    return all;
  }

  std::size_t size() const { return all.size(); }
  bool has_templates() const { return all.size() > node_classes->size(); }

  std::shared_ptr<const NodeClasses> node_classes;
  NodeClasses all;  // these, then one for each template
  LabelIndex labels;
  TaintIndex taints;
  ResourceIndex resources;
  ReasonIndex reasons;
  UserNamespaceIndex user_namespaces;
  std::vector<std::uint32_t> template_weights;  // 1 for a template, 0 for a class of nodes
};

}  // namespace cvm
