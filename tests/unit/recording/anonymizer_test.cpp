#include "webhook/recording/anonymizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cvm::webhook {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = Anonymizer::Json;

Json review() {
  return Json::parse(R"json({
    "kind": "AdmissionReview",
    "request": {
      "uid": "1", "operation": "CREATE", "namespace": "team-a", "name": "alice-dev",
      "kind": {"group": "", "version": "v1", "kind": "Pod"},
      "userInfo": {"username": "alice@example.com", "uid": "77", "groups": ["developers", "system:authenticated"],
                   "extra": {"scopes": ["secret-scope"]}},
      "object": {
        "metadata": {
          "name": "alice-dev",
          "labels": {"app": "workspace", "com.coder.user.username": "bobby"},
          "managedFields": [{"manager": "kubectl"}],
          "annotations": {
            "cvm-webhook.io/workspace-container": "dev",
            "kubectl.kubernetes.io/default-container": "dev",
            "kubectl.kubernetes.io/last-applied-configuration": "{\"password\":\"hunter2\"}",
            "team.example.com/contact": "call +49 123"}},
        "spec": {
          "volumes": [{"name": "v", "csi": {"driver": "d", "volumeAttributes": {"token": "s3cret"}}},
                      {"name": "f", "flexVolume": {"driver": "d", "options": {"token": "s3cret"}}}],
          "containers": [{
            "name": "dev", "image": "ubuntu:22.04",
            "command": ["sh", "-c", "curl -H token:s3cret $(printf 's3cret') $$(NOT) $(URL)"],
            "args": ["--token=s3cret"],
            "env": [{"name": "TOKEN", "value": "s3cret"}, {"name": "URL", "value": "https://$(HOST)/s3cret"},
                    {"name": "REF", "valueFrom": {"secretKeyRef": {"name": "agent", "key": "token"}}},
                    {"name": "EMPTY", "value": ""}, {"name": "SYSBOX_HONOR_CAPS", "value": "TRUE"},
                    {"name": "SYSBOX_OTHER", "value": "s3cret"}],
            "readinessProbe": {"httpGet": {"port": 80, "path": "/ready?token=s3cret", "httpHeaders": [{"name": "Authorization", "value": "Bearer s3cret"}]}},
            "lifecycle": {"preStop": {"exec": {"command": ["/bin/stop", "s3cret"]}}},
            "volumeMounts": [{"name": "v", "mountPath": "/home/bobby"}]}]}}},
    "response": {"uid": "1", "allowed": true, "patch": "c2VjcmV0", "patchType": "JSONPatch",
                 "warnings": ["s3cret"], "status": {"message": "s3cret"},
                 "auditAnnotations": {"rules": "gpu-beta=warn"}}
  })json");
}

Json anonymized(const std::string& key = "key") {
  Json result = review();
  Anonymizer(key).anonymize(result);
  return result;
}

const Json& container_of(const Json& review) {
  return review.at("/request/object/spec/containers/0"_json_pointer);
}

TEST(Anonymizer, LeavesNothingPrivate) {
  const std::string text = anonymized().dump();
  for (const char* secret : {"s3cret", "hunter2", "alice", "bobby", "example.com\"", "+49 123",
                             "developers", "secret-scope", "c2VjcmV0", "managedFields", "\"77\""}) {
    EXPECT_THAT(text, Not(HasSubstr(secret)));
  }
}

TEST(Anonymizer, LeavesWhatDecisionsReadOf) {
  const Json result = anonymized();
  const Json& container = container_of(result);
  EXPECT_EQ(container["image"], "ubuntu:22.04");
  EXPECT_EQ(container["command"][0], "sh");
  EXPECT_THAT(container["command"][2].get<std::string>(), ::testing::EndsWith("$(URL)"));
  EXPECT_THAT(container["env"][1]["value"].get<std::string>(), ::testing::EndsWith("$(HOST)"));
  EXPECT_EQ(container["env"][2], container_of(review())["env"][2]) << "a reference";
  EXPECT_EQ(container["env"][3]["value"], "");
  const Json& metadata = result.at("/request/object/metadata"_json_pointer);
  EXPECT_EQ(metadata["annotations"]["cvm-webhook.io/workspace-container"], "dev");
  EXPECT_EQ(metadata["annotations"]["kubectl.kubernetes.io/default-container"], "dev");
  EXPECT_EQ(metadata["labels"]["app"], "workspace");
  EXPECT_EQ(result["request"]["namespace"], "team-a");
  EXPECT_EQ(result["request"]["kind"], review()["request"]["kind"]);
  EXPECT_EQ(result["request"]["userInfo"]["groups"][1], "system:authenticated");
  EXPECT_EQ(container["env"][4]["value"], "TRUE");
  EXPECT_EQ(container["readinessProbe"]["httpGet"]["path"], "/ready");
  EXPECT_THAT(container["command"][2].get<std::string>(), Not(HasSubstr("NOT")));
  EXPECT_EQ(result["response"]["allowed"], true);
  EXPECT_EQ(result["response"]["auditAnnotations"]["rules"], "gpu-beta=warn");
}

TEST(Anonymizer, ReplacesAPersonsNameEverywhereByTheSame) {
  const Json result = anonymized();
  const std::string name = result.at("/request/object/metadata/name"_json_pointer);
  EXPECT_THAT(name, StartsWith("user-"));
  EXPECT_THAT(name, ::testing::EndsWith("-dev"));
  EXPECT_EQ(result["request"]["name"], name);
  const std::string bobby =
      result.at("/request/object/metadata/labels/com.coder.user.username"_json_pointer);
  EXPECT_THAT(bobby, StartsWith("user-"));
  EXPECT_EQ(container_of(result)["volumeMounts"][0]["mountPath"], "/home/" + bobby);
}

TEST(Anonymizer, LooksBehindPrefixesAndCase) {
  Json result = review();
  result["request"]["userInfo"]["username"] = "oidc:Carla@corp.example";
  result["request"]["object"]["metadata"]["name"] = "carla-dev";
  result["request"]["object"]["status"] = {{"message", "s3cret"}};
  Anonymizer("key").anonymize(result);
  EXPECT_THAT(result.dump(), Not(HasSubstr("arla")));
  EXPECT_THAT(result.dump(), Not(HasSubstr("s3cret")));
}

TEST(Anonymizer, KnowsAPersonInLaterCallsOfOthers) {
  Anonymizer anonymizer("key");
  Json creation = review(), binding = review();
  anonymizer.anonymize(creation);
  binding["request"]["userInfo"] = {{"username", "system:kube-scheduler"}};
  binding["request"]["object"] = {{"metadata", {{"name", "alice-dev"}}}};
  anonymizer.anonymize(binding);
  EXPECT_EQ(binding["request"]["name"], creation["request"]["name"]);
  EXPECT_THAT(binding.dump(), Not(HasSubstr("alice")));
}

TEST(Anonymizer, LeavesCommonWordsAndWhatNodesAreComparedWith) {
  Json result = review();
  Json& object = result["request"]["object"];
  object["metadata"]["labels"] = {
      {"owner", "team-gpu"}, {"cvm-webhook.io/cvm", "true"}, {"user", "true"}};
  object["spec"]["nodeSelector"] = {{"owner", "team-gpu"}};
  Anonymizer("key").anonymize(result);
  EXPECT_EQ(result.at("/request/object/spec/nodeSelector/owner"_json_pointer), "team-gpu");
  EXPECT_EQ(result["request"]["object"]["metadata"]["labels"]["cvm-webhook.io/cvm"], "true");
}

TEST(Anonymizer, TakesOnNoMoreNamesAndTextThanItCanReplace) {
  Json result = review();
  Json& labels = result["request"]["object"]["metadata"]["labels"];
  for (int i = 0; i < 5000; ++i) {
    labels["a" + std::to_string(i) + "/user"] = "abc" + std::to_string(i);
  }
  std::string text;
  for (int i = 0; i < 200000; ++i) text += "abc1 ";
  result["request"]["object"]["spec"]["x"] = text;
  Anonymizer("key").anonymize(result);
  EXPECT_EQ(result["request"]["object"]["spec"]["x"], text);
}

TEST(Anonymizer, IsStableForOneKeyAndNotBetweenKeys) {
  EXPECT_EQ(anonymized("a"), anonymized("a"));
  EXPECT_NE(anonymized("a"), anonymized("b"));
  Json one = review(), other = review();
  Anonymizer().anonymize(one);
  Anonymizer().anonymize(other);
  EXPECT_NE(one, other) << "each has a random key";
}

TEST(Anonymizer, KeepsKubernetesOwnUsersAndWordsOfTheApi) {
  Json result = review();
  result["request"]["userInfo"] = {{"username", "system:serviceaccount:coder:coder"},
                                   {"groups", {"system:serviceaccounts"}}};
  Anonymizer("key").anonymize(result);
  EXPECT_EQ(result["request"]["userInfo"]["username"], "system:serviceaccount:coder:coder");
  // Somebody who is called as a kind is.
  result = review();
  result["request"]["userInfo"]["username"] = "Pod";
  Anonymizer("key").anonymize(result);
  EXPECT_EQ(result["request"]["kind"]["kind"], "Pod");
}

TEST(Anonymizer, TakesReviewsOfAnyShape) {
  for (
      const char* text :
      {"{}", "[]", R"({"request": null})", R"({"request": {"userInfo": 1, "object": [1, null]}})",
       R"({"request": {"object": {"metadata": {"annotations": [], "labels": 3},
            "spec": {"containers": [{"env": [1, {"value": 2}], "command": "x", "args": {}}]}}}})",
       R"({"request": {"object": {"flexVolume": [], "volumeAttributes": "x"}}, "response": []})"}) {
    Json value = Json::parse(text);
    EXPECT_NO_THROW(Anonymizer("key").anonymize(value)) << text;
  }
}

}  // namespace
}  // namespace cvm::webhook
