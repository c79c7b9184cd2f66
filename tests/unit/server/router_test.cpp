// Router: which request gets which answer, without a socket.
#include "webhook/server/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "policies/profiles/profiles.hpp"

namespace cvm::webhook {
namespace {

using testing::HasSubstr;

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    readiness.set("settings", true, "");
    readiness.set("nodes", true, "3 nodes");
  }

  RequestHead head(std::string_view method, std::string_view target) const {
    return {method, target, "application/json", {}, {}};
  }
  Refusal refusal(const RequestHead& head) { return router.route(head).refusal; }

  std::shared_ptr<LogOutput> output = std::make_shared<LogOutput>(STDERR_FILENO);
  EventLog log{LogFormat::kJson, EventLog::Level::critical, output};
  AdmissionCounters counters;
  AdmissionEndpoint endpoint{std::make_shared<const Snapshot>(make_snapshot({})), counters, log};
  Readiness readiness;
  Router router{&endpoint, readiness, [] { return std::string("metrics\n"); }};
  Router ops{nullptr, readiness, [] { return std::string("metrics\n"); }};
};

TEST_F(RouterTest, KnowsItsPaths) {
  EXPECT_EQ(router.route(head("POST", "/mutate?timeout=5s")).target, Target::kMutate);
  EXPECT_EQ(router.route(head("POST", "/validate")).target, Target::kValidate);
  EXPECT_EQ(router.route(head("GET", "/healthz")).target, Target::kHealthz);
  EXPECT_EQ(router.route(head("HEAD", "/metrics")).target, Target::kMetrics);
  EXPECT_TRUE(router.route(head("GET", "/readyz?x=1&verbose")).verbose);
  EXPECT_TRUE(router.route(head("GET", "/readyz?verbose=true")).verbose);
  EXPECT_FALSE(router.route(head("GET", "/readyz?verbosely")).verbose);
  for (const char* path : {"/", "/mutate/", "/MUTATE", "/mutatex", "*", ""}) {
    EXPECT_EQ(refusal(head("POST", path)).status, 404U) << path;
  }
}

TEST_F(RouterTest, SaysWhichMethodWasExpected) {
  const Refusal mutate = refusal(head("GET", "/mutate"));
  EXPECT_EQ(mutate.status, 405U);
  EXPECT_EQ(mutate.allow, "POST");
  EXPECT_EQ(mutate.message, "expected POST, found \"GET\"");
  const Refusal healthz = refusal(head("DELETE", "/healthz"));
  EXPECT_EQ(healthz.status, 405U);
  EXPECT_EQ(healthz.allow, "GET, HEAD");
}

TEST_F(RouterTest, TakesJsonOnly) {
  RequestHead request = head("POST", "/mutate");
  for (const char* type : {"application/json", "Application/JSON",
                           "application/json; charset=utf-8", "application/json ;charset=utf-8"}) {
    request.content_type = type;
    EXPECT_FALSE(refusal(request)) << type;
  }
  for (const char* type : {"", "text/plain", "application/jsonp", "application/yaml"}) {
    request.content_type = type;
    EXPECT_EQ(refusal(request).status, 415U) << type;
  }
  request.content_type = "application/json";
  request.content_encoding = "gzip";
  EXPECT_EQ(refusal(request).status, 415U);
  EXPECT_THAT(refusal(request).message, HasSubstr("found \"gzip\""));
  request.content_encoding = "identity";
  EXPECT_FALSE(refusal(request));
}

TEST_F(RouterTest, RefusesExpectationsThatItDoesNotKnow) {
  RequestHead request = head("POST", "/mutate");
  request.expect = "100-Continue";
  EXPECT_FALSE(refusal(request));
  request.expect = "a miracle";
  EXPECT_EQ(refusal(request).status, 417U);
}

TEST_F(RouterTest, QuotesWhatAClientSentWithoutControlCharacters) {
  const Refusal unknown = refusal(head("GET", "/\x1b[31m\"" + std::string(500, 'x')));
  EXPECT_EQ(unknown.message.find('\x1b'), std::string::npos);
  EXPECT_LT(unknown.message.size(), 250U);
}

TEST_F(RouterTest, KnowsHowLongTheClientWaits) {
  const auto patience = [this](const char* target) {
    return router.route(head("POST", target)).patience;
  };
  using std::chrono::seconds;
  EXPECT_EQ(patience("/validate?timeout=3s"), seconds{3});
  EXPECT_EQ(patience("/validate?a=b&timeout=1m0s"), seconds{30}) << "no webhook has more";
  for (const char* target : {"/validate", "/validate?", "/validate?timeout=", "/validate?timeout=x",
                             "/validate?timeout=0s", "/validate?timeouts=3s"}) {
    EXPECT_EQ(patience(target), seconds{10}) << target;
  }
}

TEST_F(RouterTest, HasNoAdmissionOnTheOperationsPort) {
  EXPECT_EQ(ops.route(head("POST", "/mutate")).refusal.status, 404U);
  EXPECT_EQ(ops.route(head("POST", "/validate")).refusal.status, 404U);
  EXPECT_FALSE(ops.route(head("GET", "/metrics")).refusal);
}

TEST_F(RouterTest, AnswersProbes) {
  std::string out;
  EXPECT_EQ(router.answer(router.route(head("GET", "/healthz")), {}, nullptr, out).status, 200U);
  EXPECT_EQ(router.answer(router.route(head("GET", "/readyz")), {}, nullptr, out).status, 200U);
  EXPECT_EQ(router.answer(router.route(head("GET", "/metrics")), {}, nullptr, out).status, 200U);
  EXPECT_EQ(out, "ok\nok\nmetrics\n");

  readiness.set("nodes", false, "not listed yet");
  out.clear();
  EXPECT_EQ(router.answer(router.route(head("GET", "/readyz")), {}, nullptr, out).status, 503U);
  EXPECT_EQ(out, "[-]nodes failed: not listed yet\nnot ready\n");
  out.clear();
  EXPECT_EQ(router.answer(router.route(head("GET", "/readyz?verbose")), {}, nullptr, out).status,
            503U);
  EXPECT_EQ(out, "[+]settings ok\n[-]nodes failed: not listed yet\nnot ready\n");
  EXPECT_EQ(router.answer(router.route(head("GET", "/healthz")), {}, nullptr, out).status, 200U);
}

TEST_F(RouterTest, DecidesAndCounts) {
  std::ifstream file(CVM_SOURCE_DIR "/tests/data/recordings/05-mutate-pod-create-workspace.json");
  std::stringstream text;
  text << file.rdbuf();
  std::string body = text.str();
  body.reserve(body.size() + AdmissionHandler::kBodyPadding);

  std::string out;
  const Answer mutated = router.answer(router.route(head("POST", "/mutate")), body, nullptr, out);
  EXPECT_EQ(mutated.status, 200U);
  EXPECT_EQ(mutated.content_type, "application/json");
  EXPECT_TRUE(nlohmann::json::parse(out)["response"]["allowed"].get<bool>());

  out.clear();
  router.answer(router.route(head("POST", "/validate")), body, nullptr, out);
  EXPECT_FALSE(nlohmann::json::parse(out)["response"]["allowed"].get<bool>());

  out.clear();
  std::string bad = "not JSON";
  bad.reserve(100);
  const Answer unreadable = router.answer(router.route(head("POST", "/mutate")), bad, nullptr, out);
  EXPECT_EQ(unreadable.status, 400U);
  EXPECT_THAT(unreadable.content_type, HasSubstr("text/plain"));

  const auto count = [&](Endpoint endpoint, Outcome outcome) {
    return counters.outcomes[static_cast<std::size_t>(endpoint)][static_cast<std::size_t>(outcome)]
        .value();
  };
  EXPECT_EQ(count(Endpoint::kMutate, Outcome::kAdmitted), 1U);
  EXPECT_EQ(count(Endpoint::kMutate, Outcome::kUnreadable), 1U);
  EXPECT_EQ(count(Endpoint::kValidate, Outcome::kRefused), 1U);
  const auto& rules = counters.rules();
  const auto position = std::find(rules.begin(), rules.end(), "plan-incomplete") - rules.begin();
  EXPECT_GT(counters.findings[static_cast<std::size_t>(position)][0].value(), 0U);
}

}  // namespace
}  // namespace cvm::webhook
