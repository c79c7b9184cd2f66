#include "policies/snapshot.hpp"

#include "policies/mutations/plan.hpp"

namespace cvm {

const std::string& profile_name(const Snapshot& snapshot) { return snapshot.plan->profile(); }

}  // namespace cvm
