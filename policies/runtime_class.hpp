// What the cluster's RuntimeClass means for CVMs.
#pragma once

#include <string>

#include "policies/engine.hpp"

namespace cvm {

// What is wrong with the class that the settings name, "what; what to do"; empty: nothing, or not
// known.
std::string runtime_class_problem(const Settings& settings, const RuntimeClassFacts* facts);

// Refuses a CVM where its supervisor could not start. A class that does not exist is left to the
// API server, which refuses the pod itself.
void judge_runtime_class(const Snapshot& snapshot, Verdict& out);

}  // namespace cvm
