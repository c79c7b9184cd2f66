// `nodes` for programs.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "webhook/node_report/node_report.hpp"

namespace cvm::webhook {

// A list of every node, by name; its keys are in README.
nlohmann::ordered_json nodes_to_json(const NodeReport& report);

}  // namespace cvm::webhook
