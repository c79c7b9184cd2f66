// What the cluster's RuntimeClass means for CVMs.
#pragma once

#include <string>

#include "policies/model/finding.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

class TracePen;
struct Scratch;

// What is wrong with the class that the settings name, "what; what to do"; empty: nothing, or not
// known.
std::string runtime_class_problem(const Settings& settings, const RuntimeClassFacts* facts);

// Refuses a CVM where its supervisor could not start, or where mode native finds no Sysbox behind
// the class. In mode supervised a class that does not exist is left to the API server, which
// refuses the pod itself.
void judge_runtime_class(const Snapshot& snapshot, TracePen trace, Verdict& out);

// Mode native, for a pod that no node is a candidate for: refuses it and returns false where that
// is because the class selects no node of the cluster and no template. Clears the candidates.
bool judge_runtime_class_nodes(const Snapshot& snapshot, Scratch& scratch, Verdict& out);

}  // namespace cvm
