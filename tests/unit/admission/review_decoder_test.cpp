#include "webhook/admission/review_decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "tests/unit/admission/review_support.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Decoding : public testing::Test {
 protected:
  const AdmissionRequest& decode(std::string_view text) {
    body_ = std::make_unique<Body>(text);
    const AdmissionRequest* request = decoder_.decode(body_->view(), failure_);
    if (request == nullptr) throw std::runtime_error("not decoded: " + failure_.message);
    return *request;
  }

  const PodView& decode_pod(const json& pod) { return *decode(review_of(pod).dump()).pod; }

  // The failure of a review that can be answered by a review.
  std::string failure_of(std::string_view text) {
    body_ = std::make_unique<Body>(text);
    EXPECT_EQ(decoder_.decode(body_->view(), failure_), nullptr) << text;
    return failure_.message;
  }

  ReviewDecoder decoder_;
  DecodeFailure failure_;
  std::unique_ptr<Body> body_;
};

std::vector<std::pair<std::string, std::string>> pairs(const KeyValues& entries) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const KeyValue& entry : entries) out.emplace_back(entry.key, entry.value);
  return out;
}

using Pair = std::pair<std::string, std::string>;

json minimal_pod() {
  return {{"metadata", {{"name", "w"}}},
          {"spec", {{"containers", {{{"name", "c"}, {"image", "i"}}}}}}};
}

TEST_F(Decoding, ReadsEveryFieldOfTheRequest) {
  json review = review_of(minimal_pod());
  review["request"]["subResource"] = "resize";
  review["request"]["name"] = "w";
  review["request"]["namespace"] = "team-a";
  review["request"]["dryRun"] = true;
  review["request"]["userInfo"] = {{"username", "alice"}, {"groups", {"dev", "ops"}}};
  const AdmissionRequest& request = decode(review.dump());
  EXPECT_EQ(request.api_version, "admission.k8s.io/v1");
  EXPECT_EQ(request.uid, "u-1");
  EXPECT_EQ(request.kind.group, "");
  EXPECT_EQ(request.kind.version, "v1");
  EXPECT_EQ(request.kind.kind, "Pod");
  EXPECT_EQ(request.resource.version, "v1");
  EXPECT_EQ(request.resource.resource, "pods");
  EXPECT_EQ(request.subresource, "resize");
  EXPECT_EQ(request.name, "w");
  EXPECT_EQ(request.namespace_, "team-a");
  EXPECT_EQ(request.operation, Operation::kCreate);
  EXPECT_TRUE(request.dry_run);
  EXPECT_EQ(request.user.username, "alice");
  EXPECT_THAT(request.user.groups, ElementsAre("dev", "ops"));
  ASSERT_NE(request.pod, nullptr);
  EXPECT_EQ(request.old_pod, nullptr);
}

TEST_F(Decoding, ReadsMetadata) {
  json pod = minimal_pod();
  pod["metadata"] = {{"generateName", "web-"},
                     {"namespace", "team-a"},
                     {"labels", {{"a", "1"}, {"b/c", "2"}}},
                     {"annotations", {{"k", "line\n\"quoted\" \u00fc"}}}};
  const PodView& view = decode_pod(pod);
  EXPECT_EQ(view.name, "");
  EXPECT_EQ(view.generate_name, "web-");
  EXPECT_EQ(view.namespace_, "team-a");
  EXPECT_THAT(pairs(view.labels), ElementsAre(Pair("a", "1"), Pair("b/c", "2")));
  EXPECT_TRUE(view.has_annotations);
  EXPECT_EQ(view.annotations.find("k"), "line\n\"quoted\" \u00fc");
}

TEST_F(Decoding, TellsAnEmptyMapFromAnAbsentOne) {
  json pod = minimal_pod();
  EXPECT_FALSE(decode_pod(pod).has_annotations);
  EXPECT_FALSE(decode_pod(pod).has_init_containers);
  EXPECT_FALSE(decode_pod(pod).has_volumes);
  pod["metadata"]["annotations"] = nullptr;
  pod["spec"]["initContainers"] = nullptr;
  pod["spec"]["volumes"] = nullptr;
  EXPECT_FALSE(decode_pod(pod).has_annotations);
  EXPECT_FALSE(decode_pod(pod).has_init_containers);
  EXPECT_FALSE(decode_pod(pod).has_volumes);
  pod["metadata"]["annotations"] = json::object();
  pod["spec"]["initContainers"] = json::array();
  pod["spec"]["volumes"] = json::array();
  EXPECT_TRUE(decode_pod(pod).has_annotations);
  EXPECT_TRUE(decode_pod(pod).has_init_containers);
  EXPECT_TRUE(decode_pod(pod).has_volumes);
}

TEST_F(Decoding, ReadsThePodsOwnFields) {
  json pod = minimal_pod();
  pod["spec"].update({{"runtimeClassName", "cvm"},
                      {"nodeName", "n1"},
                      {"hostname", "h"},
                      {"os", {{"name", "linux"}}},
                      {"nodeSelector", {{"disk", "ssd"}}},
                      {"hostNetwork", true},
                      {"hostPID", true},
                      {"hostIPC", true},
                      {"shareProcessNamespace", true},
                      {"hostUsers", false},
                      {"securityContext", {{"runAsUser", 1000}, {"fsGroup", 7}}},
                      {"resourceClaims", {{{"name", "gpu"}}}}});
  const PodView& view = decode_pod(pod);
  EXPECT_EQ(view.runtime_class_name, "cvm");
  EXPECT_EQ(view.node_name, "n1");
  EXPECT_EQ(view.hostname, "h");
  EXPECT_EQ(view.os_name, "linux");
  EXPECT_THAT(pairs(view.node_selector), ElementsAre(Pair("disk", "ssd")));
  EXPECT_TRUE(view.host_network && view.host_pid && view.host_ipc);
  EXPECT_TRUE(view.share_process_namespace);
  EXPECT_EQ(view.host_users, false);
  EXPECT_EQ(view.security_context.run_as_user, 1000);
  EXPECT_TRUE(view.has_resource_claims);
}

TEST_F(Decoding, LeavesAbsentFieldsUnset) {
  const PodView& view = decode_pod(minimal_pod());
  EXPECT_EQ(view.runtime_class_name, "");
  EXPECT_FALSE(view.host_network || view.host_pid || view.host_ipc);
  EXPECT_FALSE(view.share_process_namespace);
  EXPECT_EQ(view.host_users, std::nullopt);
  EXPECT_EQ(view.security_context.run_as_user, std::nullopt);
  EXPECT_FALSE(view.required_node_affinity.has_value());
  EXPECT_FALSE(view.has_resource_claims);
  EXPECT_FALSE(view.containers.at(0).security_context.present);
  EXPECT_THAT(view.containers.at(0).other_fields, IsEmpty());
}

TEST_F(Decoding, ReadsEveryFieldOfAContainer) {
  json pod = minimal_pod();
  pod["spec"]["containers"] = {
      {{"name", "first"}},
      {{"name", "c"},
       {"image", "i"},
       {"imagePullPolicy", "Always"},
       {"workingDir", "/w"},
       {"terminationMessagePath", "/t"},
       {"command", {"a", "b"}},
       {"args", {"x"}},
       {"env", {{{"name", "E"}, {"value", "v"}}, {{"name", "F"}}}},
       {"resources", {{"requests", {{"cpu", "1"}}}, {"limits", {{"nvidia.com/gpu", "2"}}}}},
       {"securityContext",
        {{"privileged", true},
         {"runAsUser", 0},
         {"runAsGroup", 3},
         {"runAsNonRoot", false},
         {"capabilities", {{"add", {"SYS_ADMIN"}}}}}},
       {"volumeMounts",
        {{{"name", "v"},
          {"mountPath", "/m"},
          {"readOnly", true},
          {"subPath", "s"},
          {"subPathExpr", "$(E)"},
          {"mountPropagation", "Bidirectional"},
          {"recursiveReadOnly", "Enabled"}}}},
       {"ports", {{{"containerPort", 80}}}},
       {"stdin", true}}};
  const PodView& view = decode_pod(pod);
  ASSERT_EQ(view.containers.size(), 2U);
  const Container& container = view.containers[1];
  EXPECT_EQ(container.kind, ContainerKind::kRegular);
  EXPECT_EQ(container.index, 1U);
  EXPECT_EQ(container.name, "c");
  EXPECT_EQ(container.image, "i");
  EXPECT_EQ(container.image_pull_policy, "Always");
  EXPECT_EQ(container.working_dir, "/w");
  EXPECT_EQ(container.termination_message_path, "/t");
  EXPECT_THAT(container.command, ElementsAre("a", "b"));
  EXPECT_THAT(container.args, ElementsAre("x"));
  ASSERT_EQ(container.env.size(), 2U);
  EXPECT_EQ(container.env[0].name, "E");
  EXPECT_EQ(container.env[0].value, "v");
  EXPECT_FALSE(container.env[0].has_value_from);
  EXPECT_EQ(container.env[1].name, "F");
  EXPECT_THAT(pairs(container.requests), ElementsAre(Pair("cpu", "1")));
  EXPECT_THAT(pairs(container.limits), ElementsAre(Pair("nvidia.com/gpu", "2")));
  EXPECT_TRUE(container.security_context.present);
  EXPECT_EQ(container.security_context.privileged, true);
  EXPECT_EQ(container.security_context.run_as_user, 0);
  EXPECT_EQ(container.security_context.run_as_group, 3);
  EXPECT_EQ(container.security_context.run_as_non_root, false);
  EXPECT_THAT(container.security_context.other_fields, ElementsAre("capabilities"));
  ASSERT_EQ(container.volume_mounts.size(), 1U);
  const VolumeMount& mount = container.volume_mounts[0];
  EXPECT_EQ(mount.name, "v");
  EXPECT_EQ(mount.mount_path, "/m");
  EXPECT_TRUE(mount.read_only);
  EXPECT_EQ(mount.sub_path, "s");
  EXPECT_EQ(mount.sub_path_expr, "$(E)");
  EXPECT_EQ(mount.mount_propagation, "Bidirectional");
  EXPECT_EQ(mount.recursive_read_only, "Enabled");
  EXPECT_THAT(container.other_fields, ElementsAre("ports", "stdin"));
}

TEST_F(Decoding, NamesWhatElseAContainersResourcesHold) {
  json pod = minimal_pod();
  pod["spec"]["containers"][0]["resources"] = {{"claims", {{{"name", "gpu"}}}}};
  EXPECT_THAT(decode_pod(pod).containers[0].other_fields, ElementsAre("resources.claims"));
}

TEST_F(Decoding, PassesOverFieldsThatAreNull) {
  json pod = minimal_pod();
  pod["spec"]["containers"][0].update(
      {{"ports", nullptr}, {"command", nullptr}, {"securityContext", {{"capabilities", nullptr}}}});
  const Container& container = decode_pod(pod).containers[0];
  EXPECT_THAT(container.other_fields, IsEmpty());
  EXPECT_THAT(container.command, IsEmpty());
  EXPECT_THAT(container.security_context.other_fields, IsEmpty());
}

TEST_F(Decoding, ReadsNullInListsAndMapsAsTheZeroValue) {
  json pod = minimal_pod();
  pod["metadata"]["labels"] = {{"a", nullptr}};
  pod["spec"]["containers"][0]["command"] = {"a", nullptr};
  pod["spec"]["containers"].push_back(nullptr);
  const PodView& view = decode_pod(pod);
  EXPECT_THAT(pairs(view.labels), ElementsAre(Pair("a", "")));
  EXPECT_THAT(view.containers.at(0).command, ElementsAre("a", ""));
  ASSERT_EQ(view.containers.size(), 2U);
  EXPECT_EQ(view.containers[1].name, "");
  EXPECT_EQ(view.containers[1].index, 1U);
}

TEST_F(Decoding, ReadsTheThreeKindsOfContainers) {
  json pod = minimal_pod();
  pod["spec"]["initContainers"] = {{{"name", "side"}, {"restartPolicy", "Always"}}};
  pod["spec"]["ephemeralContainers"] = {{{"name", "dbg"}, {"targetContainerName", "c"}}};
  const PodView& view = decode_pod(pod);
  EXPECT_EQ(view.init_containers.at(0).kind, ContainerKind::kInit);
  EXPECT_EQ(view.init_containers.at(0).restart_policy, "Always");
  EXPECT_EQ(view.containers.at(0).kind, ContainerKind::kRegular);
  EXPECT_EQ(view.ephemeral_containers.at(0).kind, ContainerKind::kEphemeral);
  EXPECT_EQ(view.ephemeral_containers.at(0).target_container_name, "c");
}

TEST_F(Decoding, ReadsWhereAVariableComesFrom) {
  const auto variable = [this](const json& value_from) -> EnvVar {
    json pod = minimal_pod();
    pod["spec"]["containers"][0]["env"] = {{{"name", "E"}, {"valueFrom", value_from}}};
    return decode_pod(pod).containers[0].env.at(0);
  };
  const json ref = {{"containerName", "dev"}, {"resource", "limits.cpu"}};
  for (const json& divisor : {json(), json("0"), json("1"), json(0), json(1)}) {
    json scaled = ref;
    scaled["divisor"] = divisor;
    const EnvVar env = variable({{"resourceFieldRef", scaled}});
    EXPECT_TRUE(env.has_value_from);
    ASSERT_TRUE(env.resource_field_ref.has_value()) << divisor;
    EXPECT_EQ(env.resource_field_ref->container_name, "dev");
    EXPECT_EQ(env.resource_field_ref->resource, "limits.cpu");
  }
  // A divisor makes it another value than the plain reference that the plan writes.
  for (const json& divisor : {json("1m"), json("1Mi"), json(1000)}) {
    json scaled = ref;
    scaled["divisor"] = divisor;
    const EnvVar env = variable({{"resourceFieldRef", scaled}});
    EXPECT_TRUE(env.has_value_from);
    EXPECT_FALSE(env.resource_field_ref.has_value()) << divisor;
  }
  const EnvVar env = variable({{"fieldRef", {{"fieldPath", "status.podIP"}}}});
  EXPECT_TRUE(env.has_value_from);
  EXPECT_FALSE(env.resource_field_ref.has_value());
}

TEST_F(Decoding, ReadsVolumesBySource) {
  json pod = minimal_pod();
  pod["spec"]["volumes"] = {{{"name", "a"}, {"hostPath", {{"path", "/p"}, {"type", "Directory"}}}},
                            {{"name", "b"}, {"emptyDir", json::object()}},
                            {{"name", "c"}},
                            {{"name", "d"}, {"emptyDir", nullptr}, {"secret", json::object()}},
                            {{"emptyDir", json::object()}, {"hostPath", {{"path", "/q"}}}}};
  const PodView& view = decode_pod(pod);
  ASSERT_EQ(view.volumes.size(), 5U);
  EXPECT_EQ(view.volumes[0].name, "a");
  EXPECT_EQ(view.volumes[0].source, "hostPath");
  EXPECT_EQ(view.volumes[0].host_path, "/p");
  EXPECT_EQ(view.volumes[0].host_path_type, "Directory");
  EXPECT_EQ(view.volumes[1].source, "emptyDir");
  EXPECT_EQ(view.volumes[2].source, "");
  EXPECT_EQ(view.volumes[3].source, "secret");
  EXPECT_EQ(view.volumes[4].source, "hostPath");
  EXPECT_EQ(view.volumes[4].host_path, "/q");
}

TEST_F(Decoding, ReadsRequiredNodeAffinity) {
  json pod = minimal_pod();
  const auto requirement = [](std::string op) {
    return json{{"key", "k"}, {"operator", std::move(op)}, {"values", {"v"}}};
  };
  pod["spec"]["affinity"]["nodeAffinity"] = {
      {"preferredDuringSchedulingIgnoredDuringExecution", 7},
      {"requiredDuringSchedulingIgnoredDuringExecution",
       {{"nodeSelectorTerms",
         {{{"matchExpressions",
            {requirement("In"), requirement("NotIn"), requirement("Exists"),
             requirement("DoesNotExist"), requirement("Gt"), requirement("Lt")}}},
          {{"matchFields", {requirement("In")}}},
          json::object()}}}}};
  const PodView& view = decode_pod(pod);
  ASSERT_TRUE(view.required_node_affinity.has_value());
  const auto& terms = *view.required_node_affinity;
  ASSERT_EQ(terms.size(), 3U);
  std::vector<SelectorOperator> operators;
  for (const auto& expression : terms[0].match_expressions) operators.push_back(expression.op);
  EXPECT_THAT(operators, ElementsAre(SelectorOperator::kIn, SelectorOperator::kNotIn,
                                     SelectorOperator::kExists, SelectorOperator::kDoesNotExist,
                                     SelectorOperator::kGt, SelectorOperator::kLt));
  EXPECT_EQ(terms[0].match_expressions[0].key, "k");
  EXPECT_THAT(terms[0].match_expressions[0].values, ElementsAre("v"));
  ASSERT_EQ(terms[1].match_fields.size(), 1U);
  EXPECT_THAT(terms[2].match_expressions, IsEmpty());
}

TEST_F(Decoding, TellsAnEmptyRequiredAffinityFromNone) {
  json pod = minimal_pod();
  auto& required =
      pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
  required = nullptr;
  EXPECT_FALSE(decode_pod(pod).required_node_affinity.has_value());
  required = json::object();
  EXPECT_TRUE(decode_pod(pod).required_node_affinity.has_value());
}

TEST_F(Decoding, ReadsTolerations) {
  json pod = minimal_pod();
  pod["spec"]["tolerations"] = {
      {{"key", "k"}, {"operator", "Equal"}, {"value", "v"}, {"effect", "NoSchedule"}},
      {{"operator", "Exists"}, {"tolerationSeconds", 5}}};
  const PodView& view = decode_pod(pod);
  ASSERT_EQ(view.tolerations.size(), 2U);
  EXPECT_EQ(view.tolerations[0].key, "k");
  EXPECT_EQ(view.tolerations[0].op, "Equal");
  EXPECT_EQ(view.tolerations[0].value, "v");
  EXPECT_EQ(view.tolerations[0].effect, "NoSchedule");
  EXPECT_EQ(view.tolerations[1].key, "");
  EXPECT_EQ(view.tolerations[1].op, "Exists");
}

TEST_F(Decoding, ReadsQuantitiesThatAreNumbers) {
  json pod = minimal_pod();
  pod["spec"]["containers"][0]["resources"]["limits"] = {
      {"a", 2}, {"b", 0.5}, {"c", 18446744073709551615ULL}, {"d", -1}, {"e", "100m"}};
  EXPECT_THAT(pairs(decode_pod(pod).containers[0].limits),
              ElementsAre(Pair("a", "2"), Pair("b", "0.5"), Pair("c", "18446744073709551615"),
                          Pair("d", "-1"), Pair("e", "100m")));
}

TEST_F(Decoding, ReadsIntegersToTheirLimits) {
  const auto user = [this](std::string_view number) {
    const std::string text =
        R"({"metadata":{},"spec":{"securityContext":{"runAsUser":)" + std::string(number) + "}}}";
    std::string review = review_of("POD").dump();
    review.replace(review.find("\"POD\""), 5, text);
    return review;
  };
  EXPECT_EQ(decode(user("9223372036854775807")).pod->security_context.run_as_user,
            9223372036854775807);
  EXPECT_EQ(decode(user("-9223372036854775808")).pod->security_context.run_as_user,
            std::numeric_limits<std::int64_t>::min());
  const std::string path = "request.object.spec.securityContext.runAsUser: ";
  EXPECT_EQ(failure_of(user("9223372036854775808")),
            path + "expected a 64-bit signed integer, found a number out of its range");
  EXPECT_EQ(failure_of(user("1000.5")), path + "expected an integer, found a fraction");
  EXPECT_EQ(failure_of(user("1e3")), path + "expected an integer, found a fraction");
  EXPECT_THAT(failure_of(user("18446744073709551616")), HasSubstr("found a text that is not JSON"));
  EXPECT_THAT(failure_of(user("1e999")), HasSubstr("found a text that is not JSON"));
}

TEST_F(Decoding, ReadsWhatAConnectNames) {
  json review = review_of({{"container", "dev"}, {"command", {"id"}}});
  review["request"]["operation"] = "CONNECT";
  for (const char* kind : {"PodExecOptions", "PodAttachOptions"}) {
    review["request"]["kind"]["kind"] = kind;
    const AdmissionRequest& request = decode(review.dump());
    EXPECT_EQ(request.operation, Operation::kConnect);
    EXPECT_EQ(request.connect_container, "dev");
    EXPECT_EQ(request.pod, nullptr);
  }
  review["request"]["object"].erase("container");
  EXPECT_EQ(decode(review.dump()).connect_container, "");
}

TEST_F(Decoding, ReadsThePodsNameOfAProxyWithoutSchemeAndPort) {
  json review = review_of({{"path", "/"}});
  review["request"]["kind"]["kind"] = "PodProxyOptions";
  review["request"]["operation"] = "CONNECT";
  review["request"]["subResource"] = "proxy";
  for (const char* name : {"dev", "dev:2375", "https:dev:2375", "http:dev:"}) {
    review["request"]["name"] = name;
    EXPECT_EQ(decode(review.dump()).name, "dev") << name;
  }
}

TEST_F(Decoding, ReadsTheNodeOfABinding) {
  json review = review_of({{"target", {{"kind", "Node"}, {"name", "n1"}}}});
  review["request"]["kind"]["kind"] = "Binding";
  review["request"]["object"]["metadata"] = {{"labels", {{"a", "b"}}}, {"uid", "u"}};
  const AdmissionRequest& request = decode(review.dump());
  EXPECT_EQ(request.binding_node, "n1");
  EXPECT_EQ(request.binding_uid, "u");
  EXPECT_EQ(request.binding_labels->find("a"), "b");
  EXPECT_TRUE(request.binding_annotations->empty());
}

TEST_F(Decoding, ReadsTheTemplatesOfWhatPodsAreMadeBy) {
  json pod = minimal_pod();
  pod.erase("metadata");
  const auto read = [&](const char* group, const char* kind, const json& object) {
    json review = review_of(object);
    review["request"]["kind"] = {{"group", group}, {"version", "v1"}, {"kind", kind}};
    review["request"]["operation"] = "UPDATE";
    review["request"]["oldObject"] = object;
    const AdmissionRequest& request = decode(review.dump());
    EXPECT_EQ(request.pod, nullptr) << kind;
    if (request.pod_template == nullptr || request.old_pod_template == nullptr)
      return std::string();
    EXPECT_EQ(request.pod_template->containers.at(0).image, "i") << kind;
    return std::string(request.template_path);
  };
  const json spec_template = {{"spec", {{"template", pod}}}};
  for (const char* kind : {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"}) {
    EXPECT_EQ(read("apps", kind, spec_template), "spec.template") << kind;
  }
  EXPECT_EQ(read("batch", "Job", spec_template), "spec.template");
  EXPECT_EQ(read("", "ReplicationController", spec_template), "spec.template");
  EXPECT_EQ(read("", "PodTemplate", {{"template", pod}}), "template");
  EXPECT_EQ(read("batch", "CronJob", {{"spec", {{"jobTemplate", spec_template}}}}),
            "spec.jobTemplate.spec.template");
  EXPECT_EQ(read("", "ReplicationController", {{"spec", json::object()}}), "")
      << "it may have none";
  EXPECT_EQ(read("example.com", "Deployment", spec_template), "");
}

TEST_F(Decoding, SaysWhereATemplateCannotBeRead) {
  json review = review_of({{"spec", {{"template", {{"spec", {{"containers", 5}}}}}}}});
  review["request"]["kind"] = {{"group", "apps"}, {"version", "v1"}, {"kind", "Deployment"}};
  EXPECT_EQ(failure_of(review.dump()),
            "request.object.spec.template.spec.containers: expected an array, found a number");
  review["request"]["object"]["spec"] = "text";
  EXPECT_EQ(failure_of(review.dump()), "request.object.spec: expected an object, found a string");
}

TEST_F(Decoding, ReadsTheLabelsOfANamespace) {
  json review = review_of({{"metadata", {{"labels", {{"a", "b"}}}}}});
  review["request"]["kind"] = {{"group", ""}, {"version", "v1"}, {"kind", "Namespace"}};
  review["request"]["operation"] = "UPDATE";
  review["request"]["oldObject"] = {{"metadata", {{"name", "team"}}}};
  const AdmissionRequest& request = decode(review.dump());
  ASSERT_NE(request.namespace_labels, nullptr);
  EXPECT_EQ(request.namespace_labels->find("a"), "b");
  ASSERT_NE(request.old_namespace_labels, nullptr);
  EXPECT_TRUE(request.old_namespace_labels->empty());
}

TEST_F(Decoding, ReadsWhatPodSecurityLooksAt) {
  json pod = minimal_pod();
  pod["spec"]["securityContext"] = {
      {"runAsNonRoot", true},
      {"fsGroup", 1000},
      {"sysctls", {{{"name", "kernel.msgmax"}, {"value", "1"}}}},
      {"seccompProfile", {{"type", "Localhost"}, {"localhostProfile", "p"}}},
      {"windowsOptions", {{"hostProcess", true}}}};
  pod["spec"]["volumes"] = {{{"name", "a"}, {"persistentVolumeClaim", {{"claimName", "c"}}}},
                            {{"name", "b"}, {"csi", {{"driver", "d"}}}}};
  json& container = pod["spec"]["containers"][0];
  container["securityContext"] = {{"allowPrivilegeEscalation", false},
                                  {"capabilities", {{"add", {"SYS_TIME"}}, {"drop", {"ALL"}}}},
                                  {"procMount", "Unmasked"},
                                  {"appArmorProfile", {{"type", "Unconfined"}}},
                                  {"seLinuxOptions", {{"type", "t"}, {"user", "u"}}}};
  container["ports"] = {{{"containerPort", 80}, {"hostPort", 8080}}};
  container["livenessProbe"] = {{"httpGet", {{"host", "h"}, {"port", 80}}}};
  container["lifecycle"] = {{"preStop", {{"tcpSocket", {{"host", "t"}, {"port", 1}}}}}};
  const PodView& view = *decode(review_of(pod).dump()).pod;
  EXPECT_EQ(view.security_context.run_as_non_root, true);
  EXPECT_EQ(view.security_context.fs_group, 1000);
  EXPECT_EQ(view.security_context.sysctls.find("kernel.msgmax"), "1");
  EXPECT_EQ(view.security_context.seccomp_profile->type, "Localhost");
  EXPECT_EQ(view.security_context.windows_host_process, true);
  EXPECT_EQ(view.volumes[0].claim_name, "c");
  EXPECT_EQ(view.volumes[0].source, "persistentVolumeClaim");
  EXPECT_EQ(view.volumes[1].csi_driver, "d");
  const Container& read = view.containers[0];
  EXPECT_EQ(read.security_context.allow_privilege_escalation, false);
  EXPECT_EQ(read.security_context.added_capabilities.at(0), "SYS_TIME");
  EXPECT_EQ(read.security_context.dropped_capabilities.at(0), "ALL");
  EXPECT_EQ(read.security_context.proc_mount, "Unmasked");
  EXPECT_EQ(read.security_context.app_armor_profile->type, "Unconfined");
  EXPECT_EQ(read.security_context.se_linux_options->user, "u");
  EXPECT_EQ(read.security_context.other_fields.size(), 5U) << "none of which a supervisor has";
  EXPECT_EQ(read.ports.at(0).host_port, 8080);
  ASSERT_EQ(read.lifecycle_actions.size(), 2U);
  EXPECT_EQ(read.lifecycle_actions[0].where, "lifecycle.preStop");
  EXPECT_EQ(read.lifecycle_actions[1].where, "livenessProbe");
  EXPECT_EQ(read.other_fields.size(), 3U) << "ports, livenessProbe, lifecycle";
}

TEST_F(Decoding, ReadsTheOldPod) {
  json review = review_of(minimal_pod());
  review["request"]["operation"] = "UPDATE";
  review["request"]["oldObject"] = minimal_pod();
  review["request"]["oldObject"]["spec"]["containers"][0]["image"] = "old";
  const AdmissionRequest& request = decode(review.dump());
  EXPECT_EQ(request.pod->containers[0].image, "i");
  ASSERT_NE(request.old_pod, nullptr);
  EXPECT_EQ(request.old_pod->containers[0].image, "old");
}

TEST_F(Decoding, TakesADeleteWithoutAnObject) {
  json review = review_of(nullptr);
  review["request"]["operation"] = "DELETE";
  review["request"]["oldObject"] = minimal_pod();
  const AdmissionRequest& request = decode(review.dump());
  EXPECT_EQ(request.pod, nullptr);
  EXPECT_NE(request.old_pod, nullptr);
}

TEST_F(Decoding, DoesNotReadObjectsOfOtherKinds) {
  json review = review_of({{"spec", "of another form"}});
  review["request"]["kind"] = {
      {"group", "apps"}, {"version", "v1"}, {"kind", "ControllerRevision"}};
  EXPECT_EQ(decode(review.dump()).pod, nullptr);
  // A Pod of another group is not a Pod of ours.
  review["request"]["kind"] = {{"group", "x.io"}, {"version", "v1"}, {"kind", "Pod"}};
  EXPECT_EQ(decode(review.dump()).pod, nullptr);
}

TEST_F(Decoding, RefusesMoreMemoryThanAReviewMayTake) {
  // Two million containers in 6 MB of text would take a gigabyte.
  std::string containers = "[{}";
  for (int i = 0; i < 2'000'000; ++i) containers += ",{}";
  std::string review = review_of("POD").dump();
  review.replace(review.find("\"POD\""), 5,
                 R"({"metadata":{},"spec":{"containers":)" + containers + "]}}");
  EXPECT_EQ(failure_of(review),
            "request.object.spec.containers: expected lists that take at most 32 MiB once read, "
            "found more");
  EXPECT_EQ(failure_.uid, "u-1");
  // And the next review is read as ever.
  EXPECT_EQ(decode_pod(minimal_pod()).containers.at(0).name, "c");
}

TEST_F(Decoding, ReadsReviewsOfAnySizeOneAfterAnother) {
  for (const std::size_t variables : {1U, 5000U, 1U, 8000U, 2U, 200U}) {
    json pod = minimal_pod();
    for (std::size_t i = 0; i < variables; ++i) {
      pod["spec"]["containers"][0]["env"].push_back(
          {{"name", "NAME_" + std::to_string(i)}, {"value", std::string(30, 'v')}});
    }
    const PodView& view = decode_pod(pod);
    ASSERT_EQ(view.containers[0].env.size(), variables);
    EXPECT_EQ(view.containers[0].env.back().name, "NAME_" + std::to_string(variables - 1));
  }
}

}  // namespace
}  // namespace cvm::webhook
