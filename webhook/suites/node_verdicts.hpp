// What each node of a case says to its pod.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "webhook/suites/case_runner.hpp"

namespace cvm::webhook {

// Every node that is named is one of the case. A node's rules are those that find something in it
// that holds for the pod, at whatever action; it can host the pod when none of them denies.
void compare_nodes(const std::map<std::string, ExpectedNode>& expected, const Snapshot& snapshot,
                   const std::string& profile, const nlohmann::json& pod,
                   std::vector<Mismatch>& out);

}  // namespace cvm::webhook
