#include "webhook/admission/review_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/admission/review_support.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;
using testing::SizeIs;

Answer encode(const Verdict& verdict, std::string_view api_version = "admission.k8s.io/v1",
              std::string_view uid = "u-1") {
  std::string out;
  encode_verdict(api_version, uid, verdict, out);
  return read_answer(200, out);
}

Verdict verdict_of(std::vector<Finding> findings) {
  Verdict verdict;
  verdict.is_cvm = true;
  for (Finding& finding : findings) verdict.add(std::move(finding));
  return verdict;
}

TEST(Encoding, WritesNothingButTheDecisionWhenThereIsNothingToSay) {
  EXPECT_EQ(encode(Verdict()).review, json::parse(R"({
    "kind": "AdmissionReview",
    "apiVersion": "admission.k8s.io/v1",
    "response": {
      "uid": "u-1",
      "allowed": true,
      "auditAnnotations": {"decision": "untouched"}
    }
  })"));
}

TEST(Encoding, EchoesTheVersionAndTheUid) {
  const Answer answer = encode(Verdict(), "admission.k8s.io/v1beta1", "\"odd\\\n\u00fc\"");
  EXPECT_EQ(answer.review["apiVersion"], "admission.k8s.io/v1beta1");
  EXPECT_EQ(answer.response["uid"], "\"odd\\\n\u00fc\"");
}

TEST(Encoding, WritesThePatchInBase64) {
  // Each length modulo 3 has its own padding.
  for (const std::string value : {"", "a", "ab", "abc", "abcd\xc3\xbc"}) {
    Verdict verdict = verdict_of({});
    verdict.patch = R"([{"op":"add","path":"/x","value":")" + value + R"("}])";
    const Answer answer = encode(verdict);
    EXPECT_EQ(answer.response["patchType"], "JSONPatch");
    EXPECT_EQ(answer.patch, json::parse(verdict.patch));
    EXPECT_EQ(answer.response["auditAnnotations"]["decision"], "admitted");
  }
}

TEST(Encoding, WritesEveryDenialWithItsRuleAndField) {
  const Verdict verdict = verdict_of({
      {{"no-compatible-node"}, RuleAction::kDeny, "none of the 3 nodes", ""},
      {{"tmp-mount"}, RuleAction::kWarn, "a warning", "spec.volumes[0]"},
      {{"host-namespaces"}, RuleAction::kDeny, "say \"no\"\n\\ \u00fc\x01", "spec.hostPID"},
      {{"gpu-vendor"}, RuleAction::kAudit, "an audit", ""},
  });
  const Answer answer = encode(verdict);
  EXPECT_EQ(answer.response, json::parse(R"({
    "uid": "u-1",
    "allowed": false,
    "status": {
      "status": "Failure",
      "code": 403,
      "reason": "Forbidden",
      "message": "cvm/no-compatible-node: none of the 3 nodes\ncvm/host-namespaces: say \"no\"\n\\ ü\u0001",
      "details": {"causes": [
        {"reason": "FieldValueForbidden", "message": "cvm/no-compatible-node: none of the 3 nodes", "field": ""},
        {"reason": "FieldValueForbidden", "message": "cvm/host-namespaces: say \"no\"\n\\ ü\u0001", "field": "spec.hostPID"}
      ]}
    },
    "warnings": ["cvm/tmp-mount: a warning"],
    "auditAnnotations": {
      "decision": "refused",
      "rules": "no-compatible-node=deny,tmp-mount=warn,host-namespaces=deny,gpu-vendor=audit"
    }
  })"));
}

TEST(Encoding, NeverGivesAPatchWithARefusal) {
  Verdict verdict = verdict_of({{{"a"}, RuleAction::kDeny, "m", ""}});
  verdict.patch = "[]";
  const Answer answer = encode(verdict);
  EXPECT_FALSE(answer.response.contains("patch"));
  EXPECT_FALSE(answer.response.contains("patchType"));
}

TEST(Encoding, NamesARuleOnceForFindingsInARow) {
  const Answer answer = encode(verdict_of({{{"a"}, RuleAction::kWarn, "1", ""},
                                           {{"a"}, RuleAction::kWarn, "2", ""},
                                           {{"a"}, RuleAction::kAudit, "3", ""},
                                           {{"b"}, RuleAction::kAudit, "4", ""}}));
  EXPECT_EQ(answer.response["auditAnnotations"]["rules"], "a=warn,a=audit,b=audit");
  EXPECT_THAT(answer.response["warnings"], SizeIs(2));
}

TEST(Encoding, NamesTheProfileThatDecided) {
  Verdict verdict = verdict_of({});
  EXPECT_FALSE(encode(verdict).response["auditAnnotations"].contains("profile"));
  verdict.profile = "gpu";
  EXPECT_EQ(encode(verdict).response["auditAnnotations"]["profile"], "gpu");
}

TEST(Encoding, CutsWarningsAt256BytesBetweenCharacters) {
  const std::string head = "cvm/r: ";
  for (std::size_t plain = 244; plain <= 252; ++plain) {
    const std::string message = std::string(plain, 'x') + "\xf0\x9f\x98\x80" + "\u00fc\u00fc";
    const Answer answer = encode(verdict_of({{{"r"}, RuleAction::kWarn, message, ""}}));
    const std::string warning = answer.response["warnings"][0];  // parsed: valid UTF-8
    EXPECT_LE(warning.size(), 256U);
    EXPECT_GE(warning.size(), 253U);
    EXPECT_TRUE((head + message).starts_with(warning));
  }
  const std::string whole(256 - head.size(), 'x');
  EXPECT_EQ(encode(verdict_of({{{"r"}, RuleAction::kWarn, whole, ""}})).response["warnings"][0],
            head + whole);
}

TEST(Encoding, WritesWarningsOnOneLine) {
  // The API server takes no control characters in the header that a warning becomes.
  const Answer answer = encode(verdict_of({{{"r"}, RuleAction::kWarn, "a\nb\tc\x7f\"d\"", ""}}));
  EXPECT_EQ(answer.response["warnings"][0], "cvm/r: a b c \"d\"");
}

TEST(Encoding, AppendsToWhatTheBufferHolds) {
  std::string out = "kept";
  encode_verdict("admission.k8s.io/v1", "u", Verdict(), out);
  EXPECT_TRUE(out.starts_with("kept{"));
  encode_error("admission.k8s.io/v1", "u", 400, "m", out);
  EXPECT_TRUE(out.starts_with("kept{"));
}

TEST(Encoding, WritesErrorsAsRefusals) {
  std::string out;
  encode_error("admission.k8s.io/v1", "u-1", 400, "a: \"b\"", out);
  EXPECT_EQ(json::parse(out), json::parse(R"({
    "kind": "AdmissionReview",
    "apiVersion": "admission.k8s.io/v1",
    "response": {
      "uid": "u-1",
      "allowed": false,
      "status": {"status": "Failure", "code": 400, "reason": "BadRequest", "message": "a: \"b\""}
    }
  })"));
  out.clear();
  encode_error("admission.k8s.io/v1", "u-1", 500, "internal error", out);
  EXPECT_EQ(json::parse(out)["response"]["status"]["reason"], "InternalError");
  EXPECT_EQ(json::parse(out)["response"]["status"]["code"], 500);
}

}  // namespace
}  // namespace cvm::webhook
