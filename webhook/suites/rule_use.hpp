// What each rule had to do with a case.
#pragma once

#include <string_view>

#include "policies/model/profile_settings.hpp"
#include "policies/rules/rule_relevance.hpp"
#include "webhook/suites/case_runner.hpp"
#include "webhook/suites/suite.hpp"

namespace cvm::webhook {

enum class RuleUse {
  kFound,    // it found something
  kPassed,   // it looked, found nothing, and the case was admitted
  kSkipped,  // it had no say: it is off, or not about such a call
  kUnknown,  // it found nothing in a case that is refused for another reason
};

class RuleUses {
 public:
  // All must outlive this. `settings`: with their profiles, of which the answer names one.
  RuleUses(const ProfiledSettings& settings, const SuiteCase& one, bool knows_nodes,
           const CaseResult& result);

  // `rule`: of the registry.
  RuleUse of(std::string_view rule) const;

 private:
  JudgedCall call_;
  const CaseResult& result_;
};

}  // namespace cvm::webhook
