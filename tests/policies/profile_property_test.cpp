// What a profile makes of a pod is what its settings would make of it as those of the cluster, and
// profiles that nobody asks for change nothing.
#include <gtest/gtest.h>

#include "policies/profiles/profiles.hpp"
#include "tests/policies/admission_client.hpp"
#include "tests/policies/generated_pods.hpp"
#include "tests/property/property.hpp"
#include "webhook/config/settings_file.hpp"

namespace cvm::testing {
namespace {

using nlohmann::json;

constexpr PropertyScale kProfileScale = {.cases = 400, .choices = PodGenerator::kMostChoices};

Snapshot snapshot_of(const std::string& settings) {
  auto result = webhook::parse_settings_body(settings);
  if (!result.ok()) throw std::runtime_error(result.describe("settings"));
  return make_snapshot(std::move(result.settings));
}

const std::string kPool =
    R"({caching: true, runtimeClassName: pool, supervisor: {placement: container, tun: true},)"
    R"( isolation: {podSecurity: restricted}})";
const std::string kProfiles = "profiles: [{name: pool, chosenBy: [pod], settings: " + kPool + "}]";

void expect_same_findings(const AdmissionAnswer& one, const AdmissionAnswer& other) {
  ASSERT_EQ(one.findings.size(), other.findings.size());
  for (std::size_t each = 0; each < one.findings.size(); ++each) {
    EXPECT_EQ(one.findings[each].rule, other.findings[each].rule);
    EXPECT_EQ(one.findings[each].message, other.findings[each].message);
    EXPECT_EQ(one.findings[each].field, other.findings[each].field);
  }
}

TEST(ProfileProperty, ThatNobodyAsksForChangeNothing) {
  AdmissionClient with(snapshot_of(kProfiles)), without(snapshot_of("{}"));
  check_property(kProfileScale, [&](Choices& choices) {
    const json pod = PodGenerator(choices).next();
    choices.explain([&] { return pod.dump(2); });
    const AdmissionAnswer one = with.mutate(pod), other = without.mutate(pod);
    ASSERT_EQ(one.allowed, other.allowed);
    ASSERT_EQ(one.patch, other.patch);
    expect_same_findings(one, other);
    if (!one.allowed || one.patch.is_null()) return;
    const json patched = pod.patch(one.patch);
    EXPECT_EQ(with.validate(patched).allowed, without.validate(patched).allowed);
  });
}

TEST(ProfileProperty, MakeOfAPodWhatTheirSettingsWouldMakeOfIt) {
  AdmissionClient with(snapshot_of(kProfiles)), alone(snapshot_of(kPool));
  std::size_t all = 0, patched = 0;
  check_property(kProfileScale, [&](Choices& choices) {
    json pod = PodGenerator(choices).next();
    choices.explain([&] { return pod.dump(2); });
    ++all;
    pod["metadata"]["labels"]["cvm-webhook.io/profile"] = "pool";
    const AdmissionAnswer one = with.mutate(pod);
    pod["metadata"]["labels"].erase("cvm-webhook.io/profile");
    const AdmissionAnswer other = alone.mutate(pod);
    ASSERT_EQ(one.allowed, other.allowed);
    EXPECT_EQ(one.profile, "pool");
    expect_same_findings(one, other);
    if (!one.allowed || !one.is_cvm) return;
    ++patched;
    json made = pod.patch(one.patch), expected = pod.patch(other.patch);
    EXPECT_EQ(made["metadata"]["annotations"]["cvm-webhook.io/profile"], "pool");
    made["metadata"]["annotations"].erase("cvm-webhook.io/profile");
    for (json* each : {&made, &expected}) {
      (*each)["metadata"]["annotations"].erase("cvm-webhook.io/plan");
      (*each)["spec"].erase("nodeSelector");  // the marks are those of the settings themselves
    }
    EXPECT_EQ(made, expected);
  });
  if (HasFailure()) return;
  EXPECT_GT(patched, all / 4);
}

}  // namespace
}  // namespace cvm::testing
