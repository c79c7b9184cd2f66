// A pod that the API server tells of, and the same pod in a request, give the same answers.
#include "webhook/decode/stored_pod.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "policies/model/gpu_requests.hpp"
#include "policies/model/settings.hpp"
#include "policies/model/workspace.hpp"
#include "review_support.hpp"
#include "webhook/admission/review_decoder.hpp"
#include "webhook/decode/known_pod_reader.hpp"
#include "webhook/formats/text_file.hpp"
#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;

// What is asked of a pod, both ways.
struct Answers {
  bool is_cvm = false;
  std::string supervisor, workspace, profile, gpu;
  KnownPod known;
  std::vector<std::string> claims;

  bool operator==(const Answers&) const = default;
};

Answers ask(const PodView& pod, std::string_view uid) {
  Answers answers;
  answers.is_cvm = is_cvm_pod(pod);
  answers.supervisor = supervisor_name(pod);
  if (const Container* found = workspace_container(pod)) answers.workspace = found->name;
  answers.profile = pod.annotations.find(kProfileAnnotation).value_or("");
  answers.gpu = gpu_requests(pod, Settings().compatibility).resource;
  for (const Volume& volume : pod.volumes) answers.claims.push_back(claim_of(volume, pod));
  answers.known = known_pod(pod, uid);
  return answers;
}

Answers ask_stored(const json& object) {
  simdjson::dom::parser parser;
  const std::string text = object.dump();
  const StoredPod pod(parser.parse(text).value());
  return ask(pod.view(), pod.uid());
}

Answers ask_request(const json& object) {
  const json review = {{"apiVersion", "admission.k8s.io/v1"},
                       {"kind", "AdmissionReview"},
                       {"request",
                        {{"uid", "r"},
                         {"kind", {{"group", ""}, {"version", "v1"}, {"kind", "Pod"}}},
                         {"resource", {{"group", ""}, {"version", "v1"}, {"resource", "pods"}}},
                         {"operation", "CREATE"},
                         {"namespace", "team"},
                         {"object", object}}}};
  const std::string text = review.dump();
  const Body body(text);
  ReviewDecoder decoder;
  DecodeFailure failure;
  const AdmissionRequest* request = decoder.decode(body.view(), failure);
  EXPECT_NE(request, nullptr) << failure.message;
  if (request == nullptr || request->pod == nullptr) return {};
  return ask(*request->pod, object.at("metadata").value("uid", ""));
}

// The pods of the samples and recordings, some as each mode leaves them.
std::vector<json> sample_pods() {
  std::vector<json> pods;
  const std::string data = std::string(CVM_SOURCE_DIR) + "/tests/data/";
  for (const char* folder : {"pods", "workspaces"}) {
    for (const auto& entry : std::filesystem::directory_iterator(data + folder)) {
      const auto text = read_text_file(entry.path().string());
      const auto documents = parse_yaml(text ? *text : std::string());
      if (!documents) continue;  // broken.yaml
      for (const YamlDocument& document : *documents) {
        json object = json::parse(document.json);
        if (object.value("kind", "") == "Pod") pods.push_back(std::move(object));
      }
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(data + "recordings")) {
    const json review = json::parse(read_recording(entry.path().stem().string()));
    const json& request = review.at("request");
    if (request.at("kind").at("kind") == "Pod" && request.contains("object") &&
        request.at("object").contains("spec")) {
      pods.push_back(request.at("object"));
    }
  }
  return pods;
}

// As a plan changes them, and bound.
std::vector<json> variants_of(const json& pod) {
  std::vector<json> pods = {pod};
  json planned = pod;
  planned["metadata"]["uid"] = "u-1";
  planned["metadata"]["annotations"]["cvm-webhook.io/plan"] = "v1:0";
  planned["metadata"]["annotations"]["cvm-webhook.io/profile"] = "gpu";
  planned["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] = 2;
  planned["spec"]["volumes"].push_back({{"name", "work"}, {"ephemeral", json::object()}});
  pods.push_back(planned);
  json wrapped = planned;
  wrapped["metadata"]["annotations"]["cvm-webhook.io/supervisor"] =
      pod["spec"]["containers"][0]["name"];
  pods.push_back(wrapped);
  json supervised = pod;
  supervised["spec"]["initContainers"].push_back(
      {{"name", "cvm-supervisor"},
       {"image", "i"},
       {"resources", {{"limits", {{"amd.com/gpu", "1"}}}}}});
  pods.push_back(supervised);
  supervised["spec"]["nodeName"] = "node-1";
  pods.push_back(supervised);
  return pods;
}

TEST(StoredPod, GivesTheSameAnswersAsTheSamePodInARequest) {
  std::size_t asked = 0, cvms = 0, with_gpu = 0, with_claims = 0;
  for (const json& sample : sample_pods()) {
    // wrong-type.yaml is refused in a request.
    if (sample.at("metadata").value("name", "") == "wrong") continue;
    for (const json& pod : variants_of(sample)) {
      const Answers stored = ask_stored(pod);
      EXPECT_TRUE(stored == ask_request(pod)) << pod.dump(1);
      ++asked;
      cvms += stored.is_cvm;
      with_gpu += !stored.gpu.empty();
      with_claims += !stored.known.claims.empty();
    }
  }
  EXPECT_GE(asked, 60U);
  EXPECT_GE(cvms, 40U);
  EXPECT_GE(with_gpu, 20U);
  EXPECT_GE(with_claims, 20U);
}

TEST(StoredPod, CountsFieldsOfAWrongTypeAsAbsent) {
  const Answers answers = ask_stored(json::parse(R"({
    "metadata": {"name": 5, "uid": 7, "annotations": {"other": 5, "cvm-webhook.io/plan": "v1:0"}},
    "spec": {"hostPID": "no", "securityContext": {"runAsUser": 1.5, "fsGroup": "x"}, "volumes": 5,
             "containers": [5, {"name": "dev", "args": "x",
                                "resources": {"limits": {"nvidia.com/gpu": "1"}}}]}})"));
  EXPECT_TRUE(answers.is_cvm);
  EXPECT_EQ(answers.gpu, "nvidia.com/gpu");
  EXPECT_EQ(answers.known.uid, "");
  EXPECT_EQ(answers.known.only_container, "") << "there are two";
}

TEST(StoredPod, TakesTheFirstOfAKeyThatIsThereTwice) {
  simdjson::dom::parser parser;
  const StoredPod pod(parser
                          .parse(std::string_view(R"({"metadata":{"name":"a","name":"b"},)"
                                                  R"("spec":{"nodeName":"n"}})"))
                          .value());
  EXPECT_EQ(pod.view().name, "a");
  EXPECT_EQ(pod.view().node_name, "n");
}

TEST(StoredPod, IsNothingWhereThereIsNoPod) {
  simdjson::dom::parser parser;
  for (const char* text : {"5", "[]", "{}", R"({"metadata":null,"spec":[]})"}) {
    const KnownPod known = read_known_pod(parser.parse(std::string_view(text)).value());
    EXPECT_EQ(known, KnownPod()) << text;
  }
}

}  // namespace
}  // namespace cvm::webhook
