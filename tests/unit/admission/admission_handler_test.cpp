#include "webhook/admission/admission_handler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "policies/profiles/profiles.hpp"
#include "tests/unit/admission/review_support.hpp"

namespace cvm::webhook {
namespace {

using nlohmann::json;

json workspace() {
  return {{"metadata", {{"generateName", "w-"}}},
          {"spec", {{"containers", {{{"name", "c"}, {"image", "i"}}}}}}};
}

TEST(Handler, SaysWhatWasDecided) {
  AdmissionHandler handler;
  json review = review_of(workspace());
  review["request"].update(
      {{"namespace", "team-a"}, {"dryRun", true}, {"userInfo", {{"username", "alice"}}}});
  const Body body(review.dump());
  std::string out;
  const Decision decision = handler.handle(Endpoint::kMutate, body.view(), make_snapshot({}), out);
  EXPECT_EQ(decision.http_status, 200U);
  EXPECT_EQ(decision.endpoint, Endpoint::kMutate);
  EXPECT_EQ(decision.code, 200U);
  EXPECT_TRUE(decision.readable);
  EXPECT_TRUE(decision.allowed);
  EXPECT_TRUE(decision.is_cvm);
  EXPECT_TRUE(decision.patched);
  EXPECT_TRUE(decision.dry_run);
  EXPECT_EQ(decision.uid, "u-1");
  EXPECT_EQ(decision.operation, "CREATE");
  EXPECT_EQ(decision.resource, "pods");
  EXPECT_EQ(decision.namespace_, "team-a");
  EXPECT_EQ(decision.name, "w-");
  EXPECT_EQ(decision.user, "alice");
  EXPECT_NE(decision.verdict, nullptr);
  EXPECT_EQ(decision.error, "");
}

TEST(Handler, SaysWhyAPodWasRefused) {
  json pod = workspace();
  pod["spec"]["hostPID"] = true;
  AdmissionHandler handler;
  const Answer answer = ask(handler, Endpoint::kValidate, review_of(pod).dump(), make_snapshot({}));
  EXPECT_EQ(answer.http, 200U);
  EXPECT_EQ(answer.response["status"]["code"], 403);
  const Decision& decision = answer.decision;
  EXPECT_EQ(decision.endpoint, Endpoint::kValidate);
  EXPECT_EQ(decision.code, 403U);
  EXPECT_TRUE(decision.readable);
  EXPECT_FALSE(decision.allowed);
  EXPECT_FALSE(decision.patched);
  ASSERT_NE(decision.verdict, nullptr);
  EXPECT_EQ(decision.verdict->findings.at(0).rule, "host-namespaces");
}

TEST(Handler, SaysWhatWasWrongWithAReviewThatItCouldOpen) {
  AdmissionHandler handler;
  json review = review_of(workspace());
  review["request"]["dryRun"] = "yes";
  const Answer answer = ask(handler, Endpoint::kMutate, review.dump(), make_snapshot({}));
  EXPECT_EQ(answer.http, 200U);
  EXPECT_EQ(answer.response["allowed"], false);
  EXPECT_EQ(answer.response["uid"], "u-1");
  EXPECT_EQ(answer.response["status"]["code"], 400);
  EXPECT_EQ(answer.response["status"]["reason"], "BadRequest");
  EXPECT_EQ(answer.response["status"]["message"],
            "request.dryRun: expected a boolean, found a string");
  const Decision& decision = answer.decision;
  EXPECT_FALSE(decision.readable);
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.code, 400U);
  EXPECT_EQ(decision.uid, "u-1");
  EXPECT_EQ(decision.error, "request.dryRun: expected a boolean, found a string");
  EXPECT_EQ(decision.verdict, nullptr);
}

TEST(Handler, AnswersWhatItCannotOpenInOneLine) {
  AdmissionHandler handler;
  const Answer answer = ask(handler, Endpoint::kMutate, "[]", make_snapshot({}));
  EXPECT_EQ(answer.http, 400U);
  EXPECT_EQ(answer.text, "expected an AdmissionReview object, found an array\n");
  const Decision& decision = answer.decision;
  EXPECT_FALSE(decision.readable);
  EXPECT_EQ(decision.code, 400U);
  EXPECT_EQ(decision.uid, "");
  EXPECT_EQ(decision.error, "expected an AdmissionReview object, found an array");
}

TEST(Handler, ForgetsOneReviewBeforeTheNext) {
  AdmissionHandler handler;
  const Snapshot snapshot = make_snapshot({});
  json refused = workspace();
  refused["spec"]["hostPID"] = true;
  EXPECT_FALSE(
      ask(handler, Endpoint::kMutate, review_of(refused).dump(), snapshot).response["allowed"]);
  EXPECT_TRUE(
      ask(handler, Endpoint::kMutate, review_of(workspace()).dump(), snapshot).response["allowed"]);
  const Decision last = ask(handler, Endpoint::kMutate, "{", snapshot).decision;
  EXPECT_EQ(last.user, "");
  EXPECT_EQ(last.verdict, nullptr);
  EXPECT_FALSE(last.allowed);
}

TEST(Handler, AppendsItsAnswer) {
  AdmissionHandler handler;
  const Body body(review_of(workspace()).dump());
  std::string out = "HTTP/1.1 200 OK\r\n\r\n";
  handler.handle(Endpoint::kMutate, body.view(), make_snapshot({}), out);
  EXPECT_TRUE(out.starts_with("HTTP/1.1 200 OK\r\n\r\n{\"kind\":\"AdmissionReview\""));
}

}  // namespace
}  // namespace cvm::webhook
