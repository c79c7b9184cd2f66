// The recorded calls of a real API server (1.36.3), byte for byte, through decoding, decision and
// answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "policies/profiles/profiles.hpp"
#include "tests/unit/admission/review_support.hpp"
#include "webhook/admission/review_decoder.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

enum class Outcome {
  kMadeCvm,
  kRefused,
  kUntouched,
  kBelowLevel,
  kAllowed,     // of a CVM
  kKeptOut,     // of the supervisor
  kKeptAsItIs,  // the supervisor
};

struct Recording {
  std::string name;
  Endpoint endpoint;
  std::string uid;
  Operation operation;
  std::string kind, resource, subresource, object_name;
  bool dry_run, has_pod, has_old_pod;
  std::string connect_container, binding_node;
  Outcome outcome;
};

void PrintTo(const Recording& recording, std::ostream* out) { *out << recording.name; }

constexpr Endpoint kMutate = Endpoint::kMutate;
constexpr Endpoint kValidate = Endpoint::kValidate;
constexpr Operation kCreate = Operation::kCreate;
constexpr Operation kUpdate = Operation::kUpdate;
constexpr Operation kConnect = Operation::kConnect;

// The pods of 02, 03, 06 and 07 carry a supervisor of another form than the plan's: somebody else's
// privileged container, which is refused.
const std::vector<Recording> kRecordings = {
    {"01-mutate-pod-create-minimal", kMutate, "dbb92695-a7c3-4dbc-839d-30435d7438f8", kCreate,
     "Pod", "pods", "", "w", false, true, false, "", "", Outcome::kMadeCvm},
    {"02-mutate-pod-create-reinvoked", kMutate, "6eb209e4-7a33-4f85-ab12-1acd8fd953cf", kCreate,
     "Pod", "pods", "", "w", false, true, false, "", "", Outcome::kRefused},
    {"03-validate-pod-create-minimal", kValidate, "e80416cb-3697-4b2b-83c6-fae5aa31a618", kCreate,
     "Pod", "pods", "", "w", false, true, false, "", "", Outcome::kRefused},
    {"04-mutate-pod-create-workspace-dry-run", kMutate, "968a9c0b-4cdb-430d-886d-b70c1b7a34b2",
     kCreate, "Pod", "pods", "", "alice-dev", true, true, false, "", "", Outcome::kMadeCvm},
    {"05-mutate-pod-create-workspace", kMutate, "44b96980-3c43-471d-aae9-26e56dca32e0", kCreate,
     "Pod", "pods", "", "alice-dev", false, true, false, "", "", Outcome::kMadeCvm},
    {"06-mutate-pod-create-workspace-reinvoked", kMutate, "54d9128b-bc95-4404-bccc-36057eeff413",
     kCreate, "Pod", "pods", "", "alice-dev", false, true, false, "", "", Outcome::kRefused},
    {"07-validate-pod-create-workspace", kValidate, "edf69191-8c67-4c5c-8c94-698fea50379e", kCreate,
     "Pod", "pods", "", "alice-dev", false, true, false, "", "", Outcome::kRefused},
    {"08-validate-pod-update-labels", kValidate, "98b9f6e6-9460-4d91-87c5-9b09987b2170", kUpdate,
     "Pod", "pods", "", "alice-dev", false, true, true, "", "", Outcome::kAllowed},
    {"09-validate-ephemeral-container-targets-supervisor", kValidate,
     "9c81f40f-34bb-4040-abd5-41029eba92fa", kUpdate, "Pod", "pods", "ephemeralcontainers",
     "alice-dev", false, true, true, "", "", Outcome::kBelowLevel},
    {"10-validate-exec-supervisor", kValidate, "5b0b800e-0821-47d1-981d-620ddf711cbc", kConnect,
     "PodExecOptions", "pods", "exec", "alice-dev", false, false, false, "cvm-supervisor", "",
     Outcome::kKeptOut},
    {"11-validate-exec-workspace", kValidate, "d6d6a804-b81e-4c4b-baed-a1b16cf3279b", kConnect,
     "PodExecOptions", "pods", "exec", "alice-dev", false, false, false, "dev", "",
     Outcome::kUntouched},
    {"12-validate-attach-workspace", kValidate, "22a8ad78-0930-41a3-934b-c3d1cba7da7d", kConnect,
     "PodAttachOptions", "pods", "attach", "alice-dev", false, false, false, "dev", "",
     Outcome::kUntouched},
    {"13-validate-pod-update-supervisor-image", kValidate, "87e3aa92-efa6-47db-8e55-d1d3d617c265",
     kUpdate, "Pod", "pods", "", "alice-dev", false, true, true, "", "", Outcome::kKeptAsItIs},
    {"14-validate-binding", kValidate, "874466ff-bbf6-4cde-80ca-3337d357aa27", kCreate, "Binding",
     "pods", "binding", "w", false, false, false, "", "n1", Outcome::kUntouched},
    {"15-validate-attach-supervisor", kValidate, "7cb2e3e4-fd96-4ec1-9817-00d1cf4db43e", kConnect,
     "PodAttachOptions", "pods", "attach", "w", false, false, false, "cvm-supervisor", "",
     Outcome::kKeptOut},
    {"16-validate-deployment-create", kValidate, "699231ed-32d5-4950-9557-ef353de2b496", kCreate,
     "Deployment", "deployments", "", "d", false, false, false, "", "", Outcome::kUntouched},
};

class EachRecording : public testing::TestWithParam<Recording> {};

INSTANTIATE_TEST_SUITE_P(, EachRecording, testing::ValuesIn(kRecordings), [](const auto& each) {
  std::string name = each.param.name;
  for (char& character : name) {
    if (character == '-') character = '_';
  }
  return name;
});

TEST_P(EachRecording, IsDecoded) {
  const Recording& expected = GetParam();
  const Body body(read_recording(expected.name));
  ReviewDecoder decoder;
  DecodeFailure failure;
  const AdmissionRequest* const request = decoder.decode(body.view(), failure);
  ASSERT_NE(request, nullptr) << failure.message;
  EXPECT_EQ(request->api_version, "admission.k8s.io/v1");
  EXPECT_EQ(request->uid, expected.uid);
  EXPECT_EQ(request->operation, expected.operation);
  EXPECT_EQ(request->kind.kind, expected.kind);
  EXPECT_EQ(request->kind.version, "v1");
  EXPECT_EQ(request->kind.group, expected.kind == "Deployment" ? "apps" : "");
  EXPECT_EQ(request->resource.group, request->kind.group);
  EXPECT_EQ(request->resource.version, "v1");
  EXPECT_EQ(request->resource.resource, expected.resource);
  EXPECT_EQ(request->subresource, expected.subresource);
  EXPECT_EQ(request->name, expected.object_name);
  EXPECT_EQ(request->namespace_, "default");
  EXPECT_EQ(request->dry_run, expected.dry_run);
  EXPECT_EQ(request->user.username, "admin");
  EXPECT_THAT(request->user.groups, ElementsAre("system:masters", "system:authenticated"));
  EXPECT_EQ(request->pod != nullptr, expected.has_pod);
  EXPECT_EQ(request->old_pod != nullptr, expected.has_old_pod);
  EXPECT_EQ(request->connect_container, expected.connect_container);
  EXPECT_EQ(request->binding_node, expected.binding_node);
  if (request->pod != nullptr) {
    EXPECT_EQ(request->pod->name, expected.object_name);
  }
}

TEST_P(EachRecording, IsAnswered) {
  const Recording& expected = GetParam();
  AdmissionHandler handler;
  const Answer answer =
      ask(handler, expected.endpoint, read_recording(expected.name), make_snapshot({}));
  ASSERT_EQ(answer.http, 200U);
  EXPECT_EQ(answer.review["apiVersion"], "admission.k8s.io/v1");
  EXPECT_EQ(answer.review["kind"], "AdmissionReview");
  EXPECT_EQ(answer.response["uid"], expected.uid);
  EXPECT_EQ(answer.response["allowed"], expected.outcome == Outcome::kMadeCvm ||
                                            expected.outcome == Outcome::kUntouched ||
                                            expected.outcome == Outcome::kAllowed);
  EXPECT_EQ(!answer.patch.is_null(), expected.outcome == Outcome::kMadeCvm);
  EXPECT_EQ(answer.decision.name, expected.object_name);
  const std::string decision = answer.response["auditAnnotations"]["decision"];
  switch (expected.outcome) {
    case Outcome::kMadeCvm:
      EXPECT_EQ(decision, "admitted");
      break;
    case Outcome::kRefused:
      EXPECT_EQ(decision, "refused");
      EXPECT_EQ(answer.response["status"]["code"], 403);
      EXPECT_THAT(std::string(answer.response["status"]["message"]),
                  HasSubstr("cvm/reserved-name: container \"cvm-supervisor\" is not the one"));
      EXPECT_EQ(answer.response["status"]["details"]["causes"][0]["field"],
                "spec.containers[1].name");
      break;
    case Outcome::kBelowLevel:
      EXPECT_EQ(decision, "refused");
      EXPECT_THAT(std::string(answer.response["status"]["message"]),
                  HasSubstr("cvm/pod-security-capabilities-baseline: container \"dbg\" adds the "
                            "capability SYS_PTRACE"));
      break;
    case Outcome::kKeptOut:
      EXPECT_EQ(decision, "refused");
      EXPECT_THAT(std::string(answer.response["status"]["message"]),
                  HasSubstr("cvm/supervisor-access: container \"cvm-supervisor\" is the CVM's"));
      break;
    case Outcome::kKeptAsItIs:
      EXPECT_EQ(decision, "refused");
      EXPECT_THAT(std::string(answer.response["status"]["message"]),
                  HasSubstr("cvm/plan-changed: container \"cvm-supervisor\" is part of"));
      break;
    case Outcome::kAllowed:
      EXPECT_EQ(decision, "admitted");
      EXPECT_TRUE(answer.patch.is_null());
      break;
    case Outcome::kUntouched:
      EXPECT_EQ(decision, "untouched");
      EXPECT_EQ(answer.response.size(), 3U) << answer.response;
      break;
  }
}

TEST_P(EachRecording, IsAnsweredAfterARefusalAsByANewHandler) {
  const Recording& expected = GetParam();
  const Snapshot snapshot = make_snapshot({});
  const std::string text = read_recording(expected.name);
  const Answer alone = ask(expected.endpoint, text, snapshot);
  AdmissionHandler handler;
  for (const Recording& before : kRecordings) {
    const Answer left = ask(handler, before.endpoint, read_recording(before.name), snapshot);
    if (left.response["allowed"] == true) continue;
    const Answer answer = ask(handler, expected.endpoint, text, snapshot);
    EXPECT_EQ(answer.text, alone.text) << "after " << before.name;
    EXPECT_EQ(answer.decision.allowed, alone.response["allowed"]) << "after " << before.name;
  }
}

TEST(Recordings, ShowTheFieldsOfAWorkspacePod) {
  const Body body(read_recording("05-mutate-pod-create-workspace"));
  ReviewDecoder decoder;
  DecodeFailure failure;
  const AdmissionRequest* const request = decoder.decode(body.view(), failure);
  ASSERT_NE(request, nullptr) << failure.message;
  const PodView& pod = *request->pod;
  EXPECT_EQ(pod.namespace_, "default");
  EXPECT_EQ(pod.generate_name, "");
  EXPECT_EQ(pod.labels.size(), 5U);
  EXPECT_EQ(pod.labels.find("com.coder.resource"), "true");
  EXPECT_EQ(pod.annotations.size(), 3U);
  EXPECT_EQ(pod.annotations.find("kubectl.kubernetes.io/default-container"), "dev");
  EXPECT_EQ(pod.annotations.find("kubectl.kubernetes.io/last-applied-configuration")->back(), '\n');
  EXPECT_EQ(pod.hostname, "dev");
  EXPECT_EQ(pod.security_context.run_as_user, 1000);
  EXPECT_EQ(pod.runtime_class_name, "");
  ASSERT_EQ(pod.volumes.size(), 1U);
  EXPECT_EQ(pod.volumes[0].name, "home");
  EXPECT_EQ(pod.volumes[0].source, "persistentVolumeClaim");
  ASSERT_EQ(pod.init_containers.size(), 1U);
  EXPECT_EQ(pod.init_containers[0].name, "home-init");
  ASSERT_EQ(pod.containers.size(), 1U);
  const Container& dev = pod.containers[0];
  EXPECT_EQ(dev.image, "codercom/enterprise-base:ubuntu");
  EXPECT_THAT(dev.command, ElementsAre("sh", "-c", "coder agent"));
  ASSERT_EQ(dev.env.size(), 3U);
  EXPECT_EQ(dev.env[1].value, "https://coder.example.com");
  EXPECT_TRUE(dev.env[2].has_value_from);
  EXPECT_EQ(dev.limits.find("memory"), "8Gi");
  EXPECT_EQ(dev.requests.find("cpu"), "2");
  ASSERT_EQ(dev.volume_mounts.size(), 1U);
  EXPECT_EQ(dev.volume_mounts[0].mount_path, "/home/coder");
  EXPECT_THAT(dev.other_fields, ElementsAre("terminationMessagePolicy"));
  ASSERT_EQ(pod.tolerations.size(), 3U);
  EXPECT_EQ(pod.tolerations[0].value, "workspaces");
  EXPECT_EQ(pod.tolerations[2].op, "Exists");
  ASSERT_TRUE(pod.required_node_affinity.has_value());
  EXPECT_THAT(pod.required_node_affinity->at(0).match_expressions.at(0).values,
              ElementsAre("amd64"));
}

TEST(Recordings, ShowAnEphemeralContainerAndThePodBeforeIt) {
  const Body body(read_recording("09-validate-ephemeral-container-targets-supervisor"));
  ReviewDecoder decoder;
  DecodeFailure failure;
  const AdmissionRequest* const request = decoder.decode(body.view(), failure);
  ASSERT_NE(request, nullptr) << failure.message;
  ASSERT_EQ(request->pod->ephemeral_containers.size(), 1U);
  const Container& debug = request->pod->ephemeral_containers[0];
  EXPECT_EQ(debug.kind, ContainerKind::kEphemeral);
  EXPECT_EQ(debug.target_container_name, "cvm-supervisor");
  EXPECT_THAT(debug.security_context.other_fields, ElementsAre("capabilities"));
  EXPECT_EQ(request->old_pod->ephemeral_containers.size(), 0U);
  EXPECT_EQ(request->pod->runtime_class_name, "cvm");
  EXPECT_EQ(request->pod->node_selector.find("cvm-webhook.io/cvm"), "true");
  EXPECT_EQ(request->pod->containers[1].security_context.privileged, true);
  EXPECT_EQ(request->pod->containers[1].volume_mounts[0].read_only, true);
  EXPECT_EQ(request->pod->volumes[1].host_path, "/usr/src");
}

// What the API server writes into a pod after a patch, before it calls again.
json defaulted(json pod) {
  for (const char* list : {"initContainers", "containers"}) {
    if (!pod["spec"].contains(list)) continue;
    for (json& container : pod["spec"][list]) {
      container.emplace("terminationMessagePath", "/dev/termination-log");
      container.emplace("terminationMessagePolicy", "File");
      container.emplace("resources", json::object());
      if (!container.contains("env")) continue;
      for (json& variable : container["env"]) {
        if (variable.contains("/valueFrom/resourceFieldRef"_json_pointer)) {
          variable["valueFrom"]["resourceFieldRef"]["divisor"] = "0";
        }
      }
    }
  }
  pod["spec"]["nodeSelector"]["cvm-webhook.io/cvm"] = "true";  // the RuntimeClass plugin's
  pod["spec"]["overhead"] = {{"cpu", "100m"}, {"memory", "128Mi"}};
  return pod;
}

TEST(Recordings, AreCompleteAfterOneCallForBothPlacements) {
  for (const Placement placement : {Placement::kSidecar, Placement::kContainer}) {
    for (const bool caching : {false, true}) {
      Settings settings;
      settings.supervisor.placement = placement;
      settings.caching = caching;
      const Snapshot snapshot = make_snapshot(settings);
      for (const char* name : {"01-mutate-pod-create-minimal", "05-mutate-pod-create-workspace"}) {
        json review = json::parse(read_recording(name));
        const json before = review["request"]["object"];
        const Answer first = ask(kMutate, review.dump(), snapshot);
        ASSERT_TRUE(first.patch.is_array());
        const json after = before.patch(first.patch);
        EXPECT_EQ(after["spec"]["runtimeClassName"], "cvm");
        EXPECT_EQ(after["status"], before["status"]);
        EXPECT_EQ(after["spec"]["containers"][0], before["spec"]["containers"][0]);

        review["request"]["object"] = defaulted(after);
        const Answer again = ask(kMutate, review.dump(), snapshot);
        EXPECT_EQ(again.response["allowed"], true) << again.text;
        EXPECT_TRUE(again.patch.is_null()) << again.patch;
        const Answer final = ask(kValidate, review.dump(), snapshot);
        EXPECT_EQ(final.response["allowed"], true) << final.text;
        EXPECT_TRUE(final.patch.is_null());
      }
    }
  }
}

TEST(Recordings, GetTheSameAnswerInADryRun) {
  const std::string dry = read_recording("04-mutate-pod-create-workspace-dry-run");
  const std::string real = read_recording("05-mutate-pod-create-workspace");
  EXPECT_EQ(ask(kMutate, dry).patch, ask(kMutate, real).patch);
}

TEST(Recordings, AreRefusedWhereNoNodeCanHostACvm) {
  Snapshot snapshot = make_snapshot({});
  NodeFacts node;
  node.name = "n1";
  node.labels = {{"kubernetes.io/arch", "amd64"},
                 {"feature.node.kubernetes.io/kernel-selinux.enabled", "true"}};
  node.kernel_version = "5.14.0-427.el9.x86_64";
  node.os_image = "Rocky Linux 9.4 (Blue Onyx)";
  node.operating_system = "linux";
  node.architecture = "amd64";
  node.kubelet_version = "v1.33.1";
  snapshot.nodes = NodeInventory::build({node}, *snapshot.settings);
  const Answer answer = ask(kMutate, read_recording("05-mutate-pod-create-workspace"), snapshot);
  EXPECT_EQ(answer.response["allowed"], false);
  const std::string message = answer.response["status"]["message"];
  EXPECT_TRUE(message.starts_with("cvm/no-compatible-node: ")) << message;
  EXPECT_THAT(message, HasSubstr("\ncvm/node-selinux: "));
  EXPECT_TRUE(answer.patch.is_null());
}

}  // namespace
}  // namespace cvm::webhook
