// What holds of every patch, on generated pods under every combination of placement and caching.
#include <gtest/gtest.h>

#include "tests/policies/admission_client.hpp"
#include "tests/policies/generated_pods.hpp"
#include "tests/policies/plan_parts.hpp"

namespace cvm::testing {
namespace {

using nlohmann::json;

constexpr std::uint32_t kPatchSeeds = 400;

Settings settings_of(std::uint32_t seed) {
  Settings settings;
  settings.supervisor.placement = seed % 2 == 0 ? Placement::kSidecar : Placement::kContainer;
  settings.caching = seed % 4 >= 2;
  settings.autoload_shiftfs = seed % 8 >= 4;
  settings.supervisor.tun = seed % 3 == 0;
  if (seed % 5 == 0) settings.supervisor.env = {{"CODER_NOTE", "a \"note\" of $(HOME)"}};
  return settings;
}

TEST(PatchProperty, HoldsForGeneratedPods) {
  std::size_t admitted = 0, refused = 0;
  for (std::uint32_t seed = 0; seed < kPatchSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    AdmissionClient client(make_snapshot(settings_of(seed)));
    const json pod = PodGenerator(seed).next();
    const AdmissionAnswer answer = client.mutate(pod);
    if (!answer.allowed) {
      ++refused;
      ASSERT_TRUE(answer.patch.is_null());
      ASSERT_FALSE(answer.findings.empty());
      continue;
    }
    admitted += answer.is_cvm ? 1 : 0;
    ASSERT_NE(answer.is_cvm, answer.patch.is_null()) << pod;
    const json patched = answer.is_cvm ? pod.patch(answer.patch) : pod;
    ASSERT_EQ(without_plan(patched), without_plan(pod));
    const AdmissionAnswer again = client.mutate(patched);
    ASSERT_TRUE(again.allowed) << again.message << pod;
    ASSERT_TRUE(again.patch.is_null()) << again.patch;
    const AdmissionAnswer last = client.validate(patched);
    for (const Finding& finding : last.findings) {
      // Pods that are no CVMs are held to the Pod Security level, by the validating call alone.
      ASSERT_TRUE(finding.action != RuleAction::kDeny ||
                  (!answer.is_cvm && finding.rule.starts_with("pod-security-")))
          << last.message << pod;
    }
    ASSERT_TRUE(last.allowed || !answer.is_cvm) << last.message;
  }
  // The generator still makes both kinds.
  EXPECT_GT(admitted, kPatchSeeds / 2);
  EXPECT_GT(refused, kPatchSeeds / 20);
}

}  // namespace
}  // namespace cvm::testing
