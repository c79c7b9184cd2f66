// Suites of a few lines.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "webhook/suites/case_runner.hpp"
#include "webhook/suites/suite_reader.hpp"

namespace cvm::webhook {

inline constexpr std::string_view kSuiteHead =
    "apiVersion: cvm-webhook.io/v1alpha1\n"
    "kind: CvmPolicyTest\n"
    "name: a\n"
    "pod: {metadata: {name: w}, spec: {containers: [{name: dev, image: u}]}}\n";

// `rest` begins in line 5.
inline SuiteResult parse_rest(std::string_view rest) {
  return parse_suite(std::string(kSuiteHead) + std::string(rest), "a.yaml");
}

// "; " between them.
inline std::string join(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += (all.empty() ? "" : "; ") + line;
  return all;
}

inline std::shared_ptr<const Suite> suite_of(std::string_view rest) {
  SuiteResult result = parse_rest(rest);
  EXPECT_EQ(join(result.mistakes), "");
  return std::make_shared<const Suite>(std::move(result.suite));
}

// The first case of a suite.
inline CaseResult run_first(std::string_view rest) {
  const auto suite = suite_of(rest);
  if (suite->cases.empty()) return {};
  return CaseRunner(*suite).run(suite->cases[0], std::make_shared<AdmissionHandler>());
}

// "allowed: true -> false", one a difference.
inline std::string differences(const CaseResult& result) {
  std::vector<std::string> all;
  for (const Mismatch& mismatch : result.mismatches) {
    all.push_back(mismatch.what + ": " + mismatch.expected.dump() + " -> " +
                  mismatch.actual.dump());
  }
  return result.error + join(all);
}

}  // namespace cvm::webhook
