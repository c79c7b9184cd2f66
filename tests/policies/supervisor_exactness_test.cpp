// The supervisor of an admitted pod may carry what the API server and known injectors add, and
// nothing else.
#include <gtest/gtest.h>

#include <algorithm>

#include "policies/profiles/profiles.hpp"
#include "tests/policies/admission_client.hpp"

namespace cvm::testing {
namespace {

using nlohmann::json;

struct Change {
  const char* name;
  const char* patch;  // RFC 6902 on the pod; the supervisor stands at S
};

// What only a user or a foreign webhook would do.
constexpr Change kRefused[] = {
    {"image", R"([{"op":"replace","path":"S/image","value":"evil"}])"},
    {"pull policy", R"([{"op":"replace","path":"S/imagePullPolicy","value":"Never"}])"},
    {"no pull policy", R"([{"op":"remove","path":"S/imagePullPolicy"}])"},
    {"command", R"([{"op":"replace","path":"S/command/1","value":"sh"}])"},
    {"longer command", R"([{"op":"add","path":"S/command/-","value":"--debug"}])"},
    {"shorter command", R"([{"op":"remove","path":"S/command/1"}])"},
    {"no command", R"([{"op":"remove","path":"S/command"}])"},
    {"args", R"([{"op":"add","path":"S/args","value":["sh"]}])"},
    {"working directory", R"([{"op":"add","path":"S/workingDir","value":"/"}])"},
    {"restart policy", R"([{"op":"add","path":"S/restartPolicy","value":"OnFailure"}])"},
    {"env value", R"([{"op":"replace","path":"S/env/0/value","value":"evil"}])"},
    {"env removed", R"([{"op":"remove","path":"S/env/0"}])"},
    {"env order", R"([{"op":"move","from":"S/env/0","path":"S/env/1"}])"},
    {"env added last",
     R"([{"op":"add","path":"S/env/-","value":{"name":"LD_PRELOAD","value":"x"}}])"},
    {"env added first",
     R"([{"op":"add","path":"S/env/0","value":{"name":"CODER_AGENT_TOKEN","value":"x"}}])"},
    {"env given twice",
     R"([{"op":"add","path":"S/env/-","value":{"name":"CODER_INNER_IMAGE","value":"evil"}}])"},
    {"env from a secret",
     R"([{"op":"add","path":"S/env/0/valueFrom","value":{"secretKeyRef":{"name":"s","key":"k"}}}])"},
    {"identity from a secret",
     R"([{"op":"add","path":"S/env/-","value":{"name":"AWS_ROLE_ARN",
         "valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}}])"},
    {"limit of another container",
     R"([{"op":"replace","path":"S/env/3/valueFrom/resourceFieldRef/containerName","value":"x"}])"},
    {"limit of another resource",
     R"([{"op":"replace","path":"S/env/3/valueFrom/resourceFieldRef/resource","value":"limits.memory"}])"},
    {"scaled limit",
     R"([{"op":"add","path":"S/env/3/valueFrom/resourceFieldRef/divisor","value":"1m"}])"},
    {"envFrom", R"([{"op":"add","path":"S/envFrom","value":[{"secretRef":{"name":"s"}}]}])"},
    {"ports", R"([{"op":"add","path":"S/ports","value":[{"containerPort":22}]}])"},
    {"lifecycle",
     R"([{"op":"add","path":"S/lifecycle","value":{"postStart":{"exec":{"command":["sh"]}}}}])"},
    {"liveness probe",
     R"([{"op":"add","path":"S/livenessProbe","value":{"exec":{"command":["sh"]}}}])"},
    {"startup probe",
     R"([{"op":"add","path":"S/startupProbe","value":{"exec":{"command":["sh"]}}}])"},
    {"stdin", R"([{"op":"add","path":"S/stdin","value":true}])"},
    {"tty", R"([{"op":"add","path":"S/tty","value":true}])"},
    {"volume devices",
     R"([{"op":"add","path":"S/volumeDevices","value":[{"name":"d","devicePath":"/dev/x"}]}])"},
    {"termination message over the program",
     R"([{"op":"add","path":"S/terminationMessagePath","value":"/envbox"}])"},
    {"requested amount", R"([{"op":"replace","path":"S/resources/requests/cpu","value":"1m"}])"},
    {"no requests", R"([{"op":"remove","path":"S/resources/requests"}])"},
    {"a device", R"([{"op":"add","path":"S/resources/limits","value":{"nvidia.com/gpu":"1"}}])"},
    {"claims", R"([{"op":"add","path":"S/resources/claims","value":[{"name":"c"}]}])"},
    {"not privileged", R"([{"op":"replace","path":"S/securityContext/privileged","value":false}])"},
    {"another user", R"([{"op":"replace","path":"S/securityContext/runAsUser","value":1000}])"},
    {"another group", R"([{"op":"replace","path":"S/securityContext/runAsGroup","value":1000}])"},
    {"not root", R"([{"op":"replace","path":"S/securityContext/runAsNonRoot","value":true}])"},
    {"capabilities",
     R"([{"op":"add","path":"S/securityContext/capabilities","value":{"drop":["ALL"]}}])"},
    {"no security context", R"([{"op":"remove","path":"S/securityContext"}])"},
    {"mount writable", R"([{"op":"remove","path":"S/volumeMounts/0/readOnly"}])"},
    {"mount elsewhere", R"([{"op":"replace","path":"S/volumeMounts/0/mountPath","value":"/mnt"}])"},
    {"mount of a part", R"([{"op":"add","path":"S/volumeMounts/0/subPath","value":"x"}])"},
    {"mount shared",
     R"([{"op":"add","path":"S/volumeMounts/0/mountPropagation","value":"Bidirectional"}])"},
    {"another user inside", R"([{"op":"replace","path":"S/env/1/value","value":"0"}])"},
    {"the token in the place of what hides it",
     R"([{"op":"replace","path":"S/volumeMounts/2/name","value":"token"}])"},
    {"what hides the token elsewhere",
     R"([{"op":"replace","path":"S/volumeMounts/2/mountPath","value":"/var/run/secrets/x"}])"},
    {"a directory of another's",
     R"([{"op":"replace","path":"S/volumeMounts/4/subPath","value":"docker"}])"},
    {"a directory by an expression",
     R"([{"op":"replace","path":"S/volumeMounts/4",
         "value":{"name":"cvm-cache","mountPath":"/var/lib/coder/docker","subPathExpr":"inner-docker"}}])"},
    {"mount removed", R"([{"op":"remove","path":"S/volumeMounts/0"}])"},
    {"mount given twice", R"([{"op":"copy","from":"S/volumeMounts/0","path":"S/volumeMounts/-"}])"},
    {"mount of the user's",
     R"([{"op":"add","path":"S/volumeMounts/-","value":{"name":"home","mountPath":"/home"}}])"},
    {"user's volume among secrets",
     R"([{"op":"add","path":"S/volumeMounts/-","value":
         {"name":"home","mountPath":"/var/run/secrets/x","readOnly":true}}])"},
    {"token outside of secrets",
     R"([{"op":"add","path":"S/volumeMounts/-","value":
         {"name":"token","mountPath":"/var/run/secrets/../../envbox","readOnly":true}}])"},
    {"token writable",
     R"([{"op":"add","path":"S/volumeMounts/-","value":
         {"name":"token","mountPath":"/var/run/secrets/x"}}])"},
    {"a projected volume in the place of Vault's secrets",
     R"([{"op":"add","path":"S/volumeMounts/-","value":
         {"name":"token","mountPath":"/vault/secrets","readOnly":true}}])"},
    {"below Vault's secrets",
     R"([{"op":"add","path":"S/volumeMounts/-","value":
         {"name":"home","mountPath":"/vault/secrets/bin"}}])"},
    {"a variable from a secret in the place of an identity's",
     R"([{"op":"add","path":"S/env/-","value":{"name":"AWS_REGION","valueFrom":
         {"secretKeyRef":{"name":"s","key":"k"}}}}])"},
};

// What the API server and admission plugins do to every container.
constexpr Change kTolerated[] = {
    {"defaults of the API server",
     R"([{"op":"add","path":"S/terminationMessagePath","value":"/dev/termination-log"},
         {"op":"add","path":"S/terminationMessagePolicy","value":"File"},
         {"op":"add","path":"S/env/3/valueFrom/resourceFieldRef/divisor","value":"0"},
         {"op":"add","path":"S/env/4/valueFrom/resourceFieldRef/divisor","value":"0"}])"},
    {"resize policy of Kubernetes 1.27 to 1.32",
     R"([{"op":"add","path":"S/resizePolicy","value":
         [{"resourceName":"cpu","restartPolicy":"NotRequired"}]}])"},
    {"another spelling of an amount",
     R"([{"op":"replace","path":"S/resources/requests/cpu","value":"0.1"},
         {"op":"replace","path":"S/resources/requests/memory","value":"131072Ki"}])"},
    {"limits of a LimitRange",
     R"([{"op":"add","path":"S/resources/limits","value":{"cpu":"1","memory":"1Gi"}},
         {"op":"add","path":"S/resources/requests/ephemeral-storage","value":"1Gi"}])"},
    {"AlwaysPullImages", R"([{"op":"replace","path":"S/imagePullPolicy","value":"Always"}])"},
    {"service account token",
     R"([{"op":"add","path":"S/volumeMounts/-","value":{"name":"token","readOnly":true,
         "mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}}])"},
    {"service account token mounted first",
     R"([{"op":"add","path":"S/volumeMounts/0","value":{"name":"token","readOnly":true,
         "mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}}])"},
    {"workload identity of a cloud",
     R"([{"op":"add","path":"S/env/-","value":{"name":"AWS_ROLE_ARN","value":"arn:aws:iam::1:role/r"}},
         {"op":"add","path":"S/env/0","value":{"name":"AZURE_CLIENT_ID","value":"x"}},
         {"op":"add","path":"S/volumeMounts/-","value":{"name":"token","readOnly":true,
         "mountPath":"/var/run/secrets/eks.amazonaws.com/serviceaccount"}}])"},
    {"secrets of Vault's agent",
     R"([{"op":"add","path":"S/volumeMounts/-","value":{"name":"home","mountPath":"/vault/secrets"}}])"},
};

class SupervisorExactness : public ::testing::TestWithParam<Placement> {
 protected:
  SupervisorExactness() : client_(make_snapshot(settings())) {
    pod_ = json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"w"},"spec":{
      "containers":[{"name":"dev","image":"ubuntu:22.04",
                     "resources":{"limits":{"cpu":"2","memory":"1Gi"}}}],
      "volumes":[{"name":"home","emptyDir":{}},{"name":"token","projected":{"sources":[]}}]}})");
    pod_.patch_inplace(client_.mutate(pod_).patch);
  }

  static Settings settings() {
    Settings settings;
    settings.supervisor.placement = GetParam();
    return settings;
  }

  // The admitted pod after a change to its supervisor.
  json changed(const Change& change) const {
    const std::string place =
        GetParam() == Placement::kSidecar ? "/spec/initContainers/0" : "/spec/containers/1";
    std::string text = change.patch;
    for (std::size_t at = text.find("\"S/"); at != std::string::npos; at = text.find("\"S/")) {
      text.replace(at + 1, 1, place);
    }
    return pod_.patch(json::parse(text));
  }

  AdmissionClient client_;
  json pod_;
};

TEST_P(SupervisorExactness, RefusesEveryChangeInBothCalls) {
  for (const Change& change : kRefused) {
    SCOPED_TRACE(change.name);
    const json pod = changed(change);
    for (const AdmissionAnswer& answer : {client_.mutate(pod), client_.validate(pod)}) {
      EXPECT_FALSE(answer.allowed);
      EXPECT_TRUE(
          std::any_of(answer.findings.begin(), answer.findings.end(),
                      [](const Finding& finding) { return finding.rule == "reserved-name"; }));
    }
  }
}

TEST_P(SupervisorExactness, PassesOverWhatIsAddedToEveryContainer) {
  for (const Change& change : kTolerated) {
    SCOPED_TRACE(change.name);
    const json pod = changed(change);
    EXPECT_TRUE(client_.validate(pod).allowed) << client_.validate(pod).message;
    const AdmissionAnswer again = client_.mutate(pod);
    EXPECT_TRUE(again.allowed);
    EXPECT_TRUE(again.patch.is_null()) << again.patch;
  }
}

TEST_P(SupervisorExactness, TakesOtherAdditionsOnlyWhereTheSettingsNameThem) {
  const Change other = {"another injector",
                        R"([{"op":"add","path":"S/env/-","value":{"name":"PROXY","value":"x"}},
      {"op":"add","path":"S/volumeMounts/-","value":{"name":"home","mountPath":"/proxy/run"}}])"};
  const json pod = changed(other);
  EXPECT_FALSE(client_.validate(pod).allowed);
  Settings settings = SupervisorExactness::settings();
  settings.isolation.injected.variables = {"PROXY"};
  settings.isolation.injected.mounts = {
      {.path = "/proxy/", .sources = {"emptyDir"}, .read_only = false}};
  AdmissionClient taught(make_snapshot(settings));
  EXPECT_TRUE(taught.validate(pod).allowed) << taught.validate(pod).message;
  const json identity = changed(kTolerated[std::size(kTolerated) - 2]);
  EXPECT_FALSE(taught.validate(identity).allowed) << "the list takes the place of the default";
}

TEST_P(SupervisorExactness, FollowsWhatTheSupervisorWasToldOfTheWorkspace) {
  json pod = pod_;
  pod["spec"]["containers"][0]["image"] = "debian:12";
  EXPECT_FALSE(client_.validate(pod).allowed);
}

TEST_P(SupervisorExactness, NoticesWhatWasTakenAway) {
  const auto refused_by = [this](const json& pod) {
    const AdmissionAnswer answer = client_.validate(pod);
    EXPECT_FALSE(answer.allowed);
    return answer.findings.empty() ? "" : std::string(answer.findings.front().rule);
  };
  json pod = pod_;
  pod["spec"].erase("runtimeClassName");
  EXPECT_EQ(refused_by(pod), "plan-incomplete");
  pod = pod_;
  pod["metadata"].erase("annotations");
  EXPECT_EQ(refused_by(pod), "plan-incomplete");
  pod = pod_;
  auto& volumes = pod["spec"]["volumes"];
  volumes.erase(volumes.size() - 1);
  EXPECT_EQ(refused_by(pod), "plan-incomplete");
}

TEST_P(SupervisorExactness, KnowsAGeneratedNameInTheValidatingCall) {
  json pod = json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"generateName":"web-"},
    "spec":{"containers":[{"name":"dev","image":"ubuntu:22.04"}]}})");
  pod.patch_inplace(client_.mutate(pod).patch);
  pod["metadata"]["name"] = "web-x7k2p";
  EXPECT_TRUE(client_.validate(pod).allowed) << client_.validate(pod).message;
}

INSTANTIATE_TEST_SUITE_P(Placements, SupervisorExactness,
                         ::testing::Values(Placement::kSidecar, Placement::kContainer),
                         [](const auto& parameter) {
                           return std::string(to_string(parameter.param));
                         });

}  // namespace
}  // namespace cvm::testing
