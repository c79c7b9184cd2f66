#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::profile_choice{
    .id = "profile-choice",
    .summary = "The pod or its namespace asks for a profile that it cannot have",
    .calls = {RuleCall::kPodCreation, RuleCall::kPodTemplate},
    .explanation = {.checks = "The label cvm-webhook.io/profile of the pod or of its namespace "
                              "asks for a profile that is not there, or not for them to choose; "
                              "or the labels of the namespace are not known yet.",
                    .why = "The pod would be made by other settings than somebody asked for: "
                           "with less than its namespace is meant to have.",
                    .fix = "Set the label to a profile that may be chosen there, remove it, or "
                           "let the profile be chosen so (profiles[*].chosenBy).",
                    .fields = {"metadata.labels[cvm-webhook.io/profile]",
                               "Namespace metadata.labels[cvm-webhook.io/profile]",
                               "metadata.namespace", "metadata.labels"},
                    .settings = {"profiles", "defaultProfile"},
                    .sources = {"README.md"}}};

}  // namespace cvm
