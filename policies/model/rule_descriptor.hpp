// RuleDescriptor: what the catalogue says of a rule. Every id that a finding carries has one.
#pragma once

#include <array>
#include <string_view>

#include "policies/model/rule_calls.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

// What `rules explain` tells an administrator of a rule: sentences, none of them empty.
struct RuleExplanation {
  std::string_view checks;  // what it finds, in which fields, and what is allowed there
  std::string_view why;     // what would become of the pod, or the node, without it
  std::string_view fix;     // what to do about a finding
  // What it reads besides the settings, as paths below the pod: "spec.hostNetwork",
  // "spec.containers[*].env[*].name", "metadata.labels[cvm-webhook.io/cvm]". Other objects are
  // named before the path: "Node status.nodeInfo.kernelVersion". The rest is empty.
  std::array<std::string_view, 10> fields = {};
  // Keys of the settings that influence it besides rules.<id>: "gpu.allowClouds". The rest is
  // empty.
  std::array<std::string_view, 6> settings = {};
  // URLs, and documents of this repository: "docs/modes.md". The rest is empty.
  std::array<std::string_view, 3> sources = {};
};

// A constant of static storage: findings refer to it.
struct RuleDescriptor {
  std::string_view id;            // "node-selinux"
  std::string_view summary = {};  // one line for `rules list`
  RuleAction default_action = RuleAction::kDeny;
  RuleCalls calls =
      {};  // in which it has a say; none: webhooks are not asked (by_admission_policy)
  // What decides about its action where settings.rules cannot, as the rest of a sentence: "is set
  // by the key nodes.staleAction". Empty: settings.rules.<id> does.
  std::string_view fixed = {};
  bool guards_supervisor = false;    // without it users can reach the supervisor
  bool by_admission_policy = false;  // said by a policy of manifests/base alone, never by webhooks
  RuleExplanation explanation = {};
};

}  // namespace cvm
