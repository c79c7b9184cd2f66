// What holds of every patch, on generated pods under every combination of placement and caching.
#include <gtest/gtest.h>

#include "policies/profiles/profiles.hpp"
#include "tests/policies/admission_client.hpp"
#include "tests/policies/generated_pods.hpp"
#include "tests/policies/plan_parts.hpp"
#include "tests/property/property.hpp"

namespace cvm::testing {
namespace {

using nlohmann::json;

// What the shape of a patch depends on; zero is the default.
constexpr std::size_t kPatchSettings = 32;

Settings patch_settings(std::size_t number) {
  Settings settings;
  if (number % 2 == 1) settings.supervisor.placement = Placement::kContainer;
  settings.caching = number / 2 % 2 == 1;
  settings.autoload_shiftfs = number / 4 % 2 == 1;
  settings.supervisor.tun = number / 8 % 2 == 1;
  if (number / 16 % 2 == 1) {
    settings.supervisor.env = {{"CODER_NOTE", "a \"note\" of $(HOME)"}};
  }
  return settings;
}

enum class Outcome { kRefused, kLeftAlone, kPatched };

Outcome check_patch(AdmissionClient& client, const json& pod) {
  const AdmissionAnswer answer = client.mutate(pod);
  if (!answer.allowed) {
    EXPECT_TRUE(answer.patch.is_null());
    EXPECT_FALSE(answer.findings.empty());
    return Outcome::kRefused;
  }
  EXPECT_NE(answer.is_cvm, answer.patch.is_null());
  const json patched = answer.is_cvm ? pod.patch(answer.patch) : pod;
  EXPECT_EQ(without_plan(patched), without_plan(pod));
  const webhook::PreparedReview review = client.prepare(patched);
  const AdmissionAnswer again = client.send(webhook::Endpoint::kMutate, review);
  EXPECT_TRUE(again.allowed) << again.message;
  EXPECT_TRUE(again.patch.is_null()) << again.patch;
  const AdmissionAnswer last = client.send(webhook::Endpoint::kValidate, review);
  for (const Finding& finding : last.findings) {
    // Pods that are no CVMs are held to the Pod Security level, by the validating call alone.
    EXPECT_TRUE(finding.action != RuleAction::kDeny ||
                (!answer.is_cvm && finding.rule.starts_with("pod-security-")))
        << last.message;
  }
  EXPECT_TRUE(last.allowed || !answer.is_cvm) << last.message;
  return answer.is_cvm ? Outcome::kPatched : Outcome::kLeftAlone;
}

TEST(PatchProperty, HoldsForGeneratedPods) {
  std::vector<AdmissionClient> clients;
  const auto handler = std::make_shared<webhook::AdmissionHandler>();
  for (std::size_t number = 0; number < kPatchSettings; ++number) {
    clients.emplace_back(make_snapshot(patch_settings(number)), webhook::Caller(), handler);
  }
  std::size_t all = 0, patched = 0, refused = 0;
  check_property({.cases = 400, .choices = PodGenerator::kMostChoices}, [&](Choices& choices) {
    const std::size_t settings = choices.below(kPatchSettings);
    const json pod = PodGenerator(choices).next();
    choices.explain(
        [&] { return "settings " + std::to_string(settings) + "\npod " + pod.dump(2); });
    const Outcome outcome = check_patch(clients[settings], pod);
    ++all;
    patched += outcome == Outcome::kPatched ? 1 : 0;
    refused += outcome == Outcome::kRefused ? 1 : 0;
  });
  if (HasFailure()) return;
  // The generator still makes both kinds.
  EXPECT_GT(patched, all / 2);
  EXPECT_GT(refused, all / 20);
}

}  // namespace
}  // namespace cvm::testing
