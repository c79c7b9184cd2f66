#include "policies/mutations/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::MatchesRegex;
using testing::PodFixture;

json patch_of(PodFixture& fixture, const Settings& settings = {}) {
  const Verdict verdict = fixture.mutate(settings);
  EXPECT_TRUE(verdict.allowed);
  return json::parse(verdict.patch);
}

std::vector<std::string> operations(const json& patch) {
  std::vector<std::string> lines;
  for (const json& operation : patch) {
    lines.push_back(operation.at("op").get<std::string>() + " " +
                    operation.at("path").get<std::string>());
  }
  return lines;
}

const json& operation_on(const json& patch, std::string_view path) {
  for (const json& operation : patch) {
    if (operation.at("path") == path) return operation;
  }
  throw std::out_of_range("no operation on " + std::string(path));
}

std::string variable(const json& supervisor, std::string_view name) {
  for (const json& entry : supervisor.at("env")) {
    if (entry.at("name") == name) return entry.at("value").get<std::string>();
  }
  return "(absent)";
}

json supervisor_of(PodFixture& fixture, const Settings& settings = {}) {
  return operation_on(patch_of(fixture, settings), "/spec/initContainers").at("value").at(0);
}

TEST(Plan, CreatesParentsThatAreAbsent) {
  PodFixture fixture;
  EXPECT_THAT(operations(patch_of(fixture)),
              ElementsAre("add /spec/runtimeClassName", "add /spec/initContainers",
                          "add /spec/volumes", "add /metadata/annotations"));
}

TEST(Plan, AddsToParentsThatAreThere) {
  PodFixture fixture;
  fixture.pod.has_annotations = fixture.pod.has_init_containers = fixture.pod.has_volumes = true;
  EXPECT_THAT(
      operations(patch_of(fixture)),
      ElementsAre("add /spec/runtimeClassName", "add /spec/initContainers/0", "add /spec/volumes/-",
                  "add /spec/volumes/-", "add /spec/volumes/-", "add /spec/volumes/-",
                  "add /spec/volumes/-", "add /metadata/annotations/cvm-webhook.io~1plan"));
}

TEST(Plan, AppendsTheSupervisorToTheContainersWherePlacedThere) {
  PodFixture fixture;
  Settings settings;
  settings.supervisor.placement = Placement::kContainer;
  const json patch = patch_of(fixture, settings);
  const json& supervisor = operation_on(patch, "/spec/containers/-").at("value");
  EXPECT_EQ(supervisor.at("name"), "cvm-supervisor");
  EXPECT_FALSE(supervisor.contains("restartPolicy"));
}

TEST(Plan, ReplacesTheAnnotationOfAnotherPlan) {
  PodFixture fixture;
  fixture.pod.has_annotations = true;
  fixture.pod.annotations.push_back({kPlanAnnotation, "v1:0000000000000000"});
  const json patch = patch_of(fixture);
  const json& operation = operation_on(patch, "/metadata/annotations/cvm-webhook.io~1plan");
  EXPECT_EQ(operation.at("op"), "replace");
  EXPECT_THAT(operation.at("value").get<std::string>(), MatchesRegex("v1:[0-9a-f]{16}"));
}

TEST(Plan, NamesPlansApartByPodAndSettings) {
  const auto annotation = [](PodFixture& fixture, const Settings& settings) {
    return operation_on(patch_of(fixture, settings), "/metadata/annotations")
        .at("value")
        .at(std::string(kPlanAnnotation))
        .get<std::string>();
  };
  PodFixture fixture;
  const std::string first = annotation(fixture, {});
  EXPECT_EQ(annotation(fixture, {}), first);

  Settings other;
  other.supervisor.image = "registry.example.com/envbox:1";
  EXPECT_NE(annotation(fixture, other), first);
  fixture.dev().image = "debian:12";
  EXPECT_NE(annotation(fixture, {}), first);
}

TEST(Plan, RendersTheSupervisorWhole) {
  PodFixture fixture;
  EXPECT_EQ(supervisor_of(fixture), json::parse(R"({
    "name": "cvm-supervisor",
    "image": "ghcr.io/coder/envbox:latest",
    "imagePullPolicy": "IfNotPresent",
    "restartPolicy": "Always",
    "command": ["/envbox", "docker"],
    "env": [
      {"name": "CODER_INNER_IMAGE", "value": "ubuntu:22.04"},
      {"name": "CODER_INNER_USERNAME", "value": "root"},
      {"name": "CODER_INNER_HOSTNAME", "value": "alice-dev"},
      {"name": "CODER_DOCKER_BRIDGE_CIDR", "value": "172.19.0.0/30"}
    ],
    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
    "securityContext":
        {"privileged": true, "runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": false},
    "volumeMounts": [
      {"name": "cvm-usr-src", "mountPath": "/usr/src", "readOnly": true},
      {"name": "cvm-lib-modules", "mountPath": "/lib/modules", "readOnly": true},
      {"name": "cvm-no-token", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
       "readOnly": true},
      {"name": "cvm-sysbox", "mountPath": "/var/lib/sysbox"},
      {"name": "cvm-cache", "mountPath": "/var/lib/coder/docker", "subPath": "inner-docker"},
      {"name": "cvm-cache", "mountPath": "/var/lib/coder/containers",
       "subPath": "inner-containers"},
      {"name": "cvm-cache", "mountPath": "/var/lib/docker", "subPath": "docker"},
      {"name": "cvm-cache", "mountPath": "/var/lib/containers", "subPath": "containers"}
    ]
  })"));
}

TEST(Plan, TakesUserFromTheContainerBeforeThePod) {
  PodFixture fixture;
  EXPECT_EQ(variable(supervisor_of(fixture), "CODER_INNER_USERNAME"), "root");
  fixture.pod.security_context.run_as_user = 1000;
  EXPECT_EQ(variable(supervisor_of(fixture), "CODER_INNER_USERNAME"), "1000");
  fixture.dev().security_context.run_as_user = 0;
  EXPECT_EQ(variable(supervisor_of(fixture), "CODER_INNER_USERNAME"), "0");
}

TEST(Plan, TakesHostnameFromTheSpecBeforeTheName) {
  PodFixture fixture;
  fixture.pod.hostname = "dev";
  EXPECT_EQ(variable(supervisor_of(fixture), "CODER_INNER_HOSTNAME"), "dev");
}

TEST(Plan, LeavesHostnameOutForGeneratedNamesInBothCalls) {
  PodFixture fixture;
  fixture.pod.generate_name = "web-";
  EXPECT_EQ(variable(supervisor_of(fixture), "CODER_INNER_HOSTNAME"), "(absent)");
  fixture.pod.name = "";
  EXPECT_EQ(variable(supervisor_of(fixture), "CODER_INNER_HOSTNAME"), "(absent)");
}

TEST(Plan, DoublesDollarsOfThePodAndKeepsThoseOfTheSettings) {
  PodFixture fixture;
  fixture.dev().working_dir = "/home/$(CODER_INNER_IMAGE)/$$";
  Settings settings;
  settings.supervisor.env = {{"CODER_ENVBOX_NOTE", "$(CODER_CPUS)"}};
  const json supervisor = supervisor_of(fixture, settings);
  EXPECT_EQ(variable(supervisor, "CODER_INNER_WORK_DIR"), "/home/$$(CODER_INNER_IMAGE)/$$$$");
  EXPECT_EQ(variable(supervisor, "CODER_ENVBOX_NOTE"), "$(CODER_CPUS)");
}

TEST(Plan, LetsTheSettingsOverrideAVariableWithoutNamingItTwice) {
  PodFixture fixture;
  Settings settings;
  settings.supervisor.env = {{"CODER_INNER_HOSTNAME", "workspace"}};
  const json supervisor = supervisor_of(fixture, settings);
  const auto& env = supervisor.at("env");
  EXPECT_EQ(
      std::count_if(env.begin(), env.end(),
                    [](const json& entry) { return entry.at("name") == "CODER_INNER_HOSTNAME"; }),
      1);
  EXPECT_EQ(variable(supervisor, "CODER_INNER_HOSTNAME"), "workspace");
}

TEST(Plan, EscapesTextThatComesFromThePod) {
  PodFixture fixture;
  fixture.dev().image = "a\"b\\c/\u00e4\n";
  EXPECT_EQ(variable(supervisor_of(fixture), "CODER_INNER_IMAGE"), "a\"b\\c/\u00e4\n");
}

TEST(Plan, TakesAnotherRuntimeClassOverWhereTheConflictIsOnlyAWarning) {
  PodFixture fixture;
  fixture.pod.runtime_class_name = "gvisor";
  Settings settings;
  settings.rules["runtime-class-conflict"] = RuleAction::kWarn;
  EXPECT_EQ(operation_on(patch_of(fixture, settings), "/spec/runtimeClassName").at("value"), "cvm");
}

}  // namespace
}  // namespace cvm
