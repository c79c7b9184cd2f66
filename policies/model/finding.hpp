// Finding, Verdict: what a rule and the engine have to say about a request.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/model/rule_descriptor.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

struct Finding {
  // Of a rule of the catalogue, so that nobody can misspell an id.
  Finding(const RuleDescriptor& by, RuleAction its_action, std::string its_message,
          std::string its_field = {})
      : rule(by.id),
        action(its_action),
        message(std::move(its_message)),
        field(std::move(its_field)) {}

  std::string_view rule;  // its id; static storage
  RuleAction action;
  std::string message;  // "what is wrong; what to do", without the rule's id
  std::string field;    // "spec.containers[0].securityContext.privileged"; may be empty
};

struct Verdict {
  bool allowed = true;
  bool is_cvm = false;            // the pod is to be, or is, a CVM
  std::vector<Finding> findings;  // in the order of the registry; denials, warnings and audits
  std::string patch;    // RFC 6902 operations as JSON text; empty when there is nothing to change
  std::string profile;  // the profile that decided; empty: the settings themselves
  bool break_glass = false;  // it would have been refused to others; findings say what
  // The pod must be known and is not: ask the API server for it and decide again. Not allowed yet.
  bool awaits_pod = false;

  // Ready for the next decision; keeps its memory.
  void clear() {
    allowed = true;
    is_cvm = false;
    findings.clear();
    patch.clear();
    profile.clear();
    break_glass = awaits_pod = false;
  }

  void add(Finding finding) {
    if (finding.action == RuleAction::kOff) return;
    if (finding.action == RuleAction::kDeny) allowed = false;
    findings.push_back(std::move(finding));
  }
  void add(const RuleDescriptor& rule, RuleAction action, std::string message,
           std::string field = {}) {
    add(Finding(rule, action, std::move(message), std::move(field)));
  }
};

}  // namespace cvm
