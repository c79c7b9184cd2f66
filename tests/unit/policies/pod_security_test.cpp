// The Pod Security level where suites of created pods do not reach: in which call it speaks, and
// what may be changed in a pod that is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/workspace.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using cvm::testing::rules_of;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::PodFixture;

// UPDATE of a pod: `before` as it is stored, the fixture itself as it is to be.
struct ChangeFixture : PodFixture {
  PodFixture before;

  ChangeFixture() {
    request.operation = Operation::kUpdate;
    request.old_pod = &before.pod;
  }

  // A CVM's supervisor and annotation, in both.
  void make_cvm() {
    for (PodFixture* fixture : {&before, static_cast<PodFixture*>(this)}) {
      Container& supervisor = fixture->add_container(fixture->pod.init_containers,
                                                     ContainerKind::kInit, kSupervisorName);
      supervisor.restart_policy = "Always";
      supervisor.security_context.privileged = true;
      fixture->pod.annotations.push_back({kPlanAnnotation, "v1:0123456789abcdef"});
    }
  }

  Container& attach(std::string_view name) {
    return add_container(pod.ephemeral_containers, ContainerKind::kEphemeral, name);
  }
};

TEST(PodSecurity, SpeaksInTheValidatingCallOnly) {
  PodFixture fixture;
  fixture.pod.labels.push_back({kCvmLabel, "false"});
  fixture.pod.host_network = true;
  EXPECT_THAT(fixture.mutate().findings, IsEmpty());
  const Verdict verdict = fixture.validate();
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(rules_of(verdict), ElementsAre("pod-security-host-namespaces"));
}

TEST(PodSecurity, HoldsEphemeralContainersToTheLevel) {
  for (const bool is_cvm : {false, true}) {
    ChangeFixture fixture;
    if (is_cvm) fixture.make_cvm();
    EXPECT_THAT(fixture.validate().findings, IsEmpty());
    Container& debugger = fixture.attach("debugger");
    EXPECT_THAT(fixture.validate().findings, IsEmpty());
    debugger.security_context.added_capabilities.push_back("NET_RAW");
    const Verdict verdict = fixture.validate();
    EXPECT_FALSE(verdict.allowed);
    EXPECT_THAT(rules_of(verdict), ElementsAre("pod-security-capabilities-baseline"));
  }
}

TEST(PodSecurity, LetsAPodBeChangedThatWasAdmittedUnderALowerLevel) {
  Settings settings;
  settings.isolation.pod_security.enforce = PodSecurityLevel::kRestricted;
  ChangeFixture fixture;
  fixture.dev().security_context.privileged = true;
  fixture.before.dev().security_context.privileged = true;
  fixture.before.pod.labels.push_back({kCvmLabel, "false"});
  fixture.pod.labels.push_back({kCvmLabel, "false"});
  EXPECT_TRUE(fixture.validate(settings).allowed);
  fixture.attach("debugger");  // which lacks everything that restricted asks for
  const Verdict verdict = fixture.validate(settings);
  EXPECT_FALSE(verdict.allowed);
  for (const Finding& finding : verdict.findings) {
    EXPECT_TRUE(finding.field.starts_with("spec.ephemeralContainers[0]")) << finding.field;
  }
}

}  // namespace
}  // namespace cvm
