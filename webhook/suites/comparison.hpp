// What a case expects against what became of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "webhook/suites/suite.hpp"

namespace cvm::webhook {

// One difference. Of `expected` and `actual` that is null which is not there.
struct Mismatch {
  std::string what;  // "allowed", "finding not expected", "object"
  nlohmann::json expected, actual;
};

nlohmann::json finding_to_json(const Finding& finding);

void compare_answer(const ExpectedAnswer& expected, const AdmissionAnswer& actual,
                    const std::string& prefix, std::vector<Mismatch>& out);

// In any order. `prefix` begins the `what` of each mismatch.
void compare_findings(const std::vector<ExpectedFinding>& expected,
                      const std::vector<Finding>& findings, const std::string& prefix,
                      std::vector<Mismatch>& out);

// Of an admitted pod: `object` is what it is after the patch.
void compare_object(const Expectation& expected, const nlohmann::json& object,
                    std::vector<Mismatch>& out);

// The `what` of the mismatch with the file of objectIsFile.
std::string expected_file_mismatch(const Expectation& expected);

// Whether `part` is contained in `whole`: objects by their members, everything else by equality;
// an array by its elements in order.
bool is_subset(const nlohmann::json& part, const nlohmann::json& whole);

// What of `whole` has the shape of `part`: the members that it names, whatever their values.
nlohmann::json project(const nlohmann::json& part, const nlohmann::json& whole);

}  // namespace cvm::webhook
