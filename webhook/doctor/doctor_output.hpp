// The results of a preflight as text, JSON and JUnit's XML.
#pragma once

#include <string>
#include <vector>

#include "webhook/doctor/doctor.hpp"
#include "webhook/terminal/terminal.hpp"

namespace cvm::webhook {

std::string print_checks_as_text(const std::vector<CheckResult>& results, const Painter& painter);
std::string print_checks_as_json(const std::vector<CheckResult>& results);
// A warning is no failure: it stands in the system-out of its test case.
std::string print_checks_as_junit(const std::vector<CheckResult>& results);

}  // namespace cvm::webhook
