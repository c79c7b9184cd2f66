// Who may do to a running CVM what is refused to others.
#pragma once

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

// Lets a refused call of a user whom settings.isolation.break_glass names through: its denials
// become warnings, and out.break_glass says so. For calls on pods that are there already.
void let_break_glass(const AdmissionRequest& request, const Settings& settings, Verdict& out);

}  // namespace cvm
