// `nodes` for people: a table.
#pragma once

#include <string>

#include "webhook/node_report/node_report.hpp"

namespace cvm::webhook {

struct NodeTableOptions {
  bool wide = false;       // more columns, and each reason in full below
  bool each_node = false;  // a row for every node, not for those that look alike
};

// Nodes whose rows would be the same but for their names are one row: "worker-001 +41". Below, one
// line that counts. `templates`: of the settings' node groups; a row each, of no nodes.
std::string print_node_table(const NodeReport& report, const NodeReport& templates,
                             const NodeTableOptions& options);

}  // namespace cvm::webhook
