#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_cluster.hpp"

namespace cvm::webhook {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using std::chrono::hours;

void set_bundle(TestCluster& cluster, const std::string& text) {
  cluster.change_webhooks([&](auto& webhook) { webhook["clientConfig"]["caBundle"] = text; });
}

TEST(CaBundleCheck, WantsACaThatIsValid) {
  TestCluster cluster;
  EXPECT_THAT(texts(cluster.run("ca-bundle")),
              ElementsAre(StartsWith("pass: the CA in caBundle is valid until 2036")));
  set_bundle(cluster, "");
  EXPECT_THAT(texts(cluster.run("ca-bundle")),
              ElementsAre(AllOf(StartsWith("fail: "), HasSubstr("is empty"))));
  for (const std::string& text : {std::string("%"), TestCluster::base64("no PEM")}) {
    set_bundle(cluster, text);
    EXPECT_THAT(texts(cluster.run("ca-bundle")),
                ElementsAre(AllOf(StartsWith("fail: "), HasSubstr("is no PEM certificate"))));
  }
  cluster.remove("MutatingWebhookConfiguration");
  cluster.remove("ValidatingWebhookConfiguration");
  EXPECT_EQ(cluster.run("ca-bundle").status(), CheckStatus::kSkip);
}

TEST(CaBundleCheck, LooksAtTheEndOfTheCaThatLastsLongest) {
  TestCluster cluster;
  const auto ca = [](hours validity) {
    certs::CaOptions options;
    options.validity = validity;
    return certs::issue_ca(options, TestCluster::now() - hours(48))->certificate_pem;
  };
  const std::string old = ca(hours(24)), soon = ca(hours(24 * 10)), fresh = ca(hours(24 * 99));
  set_bundle(cluster, TestCluster::base64(old));
  EXPECT_THAT(texts(cluster.run("ca-bundle")), ElementsAre(HasSubstr(" expired at 2026-10-31")));
  set_bundle(cluster, TestCluster::base64(old + soon));
  EXPECT_THAT(texts(cluster.run("ca-bundle")), ElementsAre(StartsWith("warn: ")));
  set_bundle(cluster, TestCluster::base64(fresh + old));
  EXPECT_EQ(cluster.run("ca-bundle").status(), CheckStatus::kPass);
}

TEST(CaBundleCheck, NamesTheWebhooksWhereTheyDiffer) {
  TestCluster cluster;
  cluster.one("MutatingWebhookConfiguration")["webhooks"][0]["clientConfig"].erase("caBundle");
  EXPECT_THAT(texts(cluster.run("ca-bundle")),
              ElementsAre(StartsWith("fail: caBundle of mutate.cvm-webhook.io is empty"),
                          StartsWith("pass: the CA in caBundle of validate.cvm-webhook.io, ")));
}

TEST(CaBundleCheck, TakesTheSystemsCasForAUrl) {
  TestCluster cluster;
  cluster.change_webhooks([](auto& webhook) {
    webhook["clientConfig"] = {{"url", "https://webhook.example.com/mutate"}};
  });
  EXPECT_EQ(cluster.run("ca-bundle").status(), CheckStatus::kPass);
}

TEST(ServingCertificateCheck, WantsItToLeadToTheBundle) {
  TestCluster cluster;
  EXPECT_EQ(cluster.run("serving-certificate").status(), CheckStatus::kPass);
  set_bundle(cluster,
             TestCluster::base64(certs::issue_ca({}, TestCluster::now())->certificate_pem));
  const Findings findings = cluster.run("serving-certificate");
  EXPECT_THAT(texts(findings),
              ElementsAre(AllOf(StartsWith("fail: the API server refuses the serving certificate"),
                                HasSubstr("cvm-webhook.cvm-system.svc"))));
  EXPECT_THAT(findings.all()[0].fix,
              AllOf(HasSubstr("kubectl patch mutatingwebhookconfiguration cvm-webhook"),
                    HasSubstr("kubectl patch validatingwebhookconfiguration cvm-webhook"),
                    HasSubstr("/webhooks/3/clientConfig/caBundle")));
}

TEST(ServingCertificateCheck, WantsTheNameThatIsCalled) {
  TestCluster cluster;
  certs::ServingOptions options;
  options.common_name = "cvm-webhook.cvm-system.svc";
  options.dns_names = {"other.cvm-system.svc"};
  cluster.serving_pem =
      certs::issue_serving({cluster.ca_pem, cluster.ca_key_pem}, options, TestCluster::now())
          ->certificate_pem;
  EXPECT_THAT(texts(cluster.run("serving-certificate")),
              ElementsAre(HasSubstr("ostname mismatch")));
}

TEST(ServingCertificateCheck, TellsWhenItEnds) {
  TestCluster cluster;
  for (const auto& [validity, status] :
       {std::pair(hours(24), CheckStatus::kFail), {hours(24 * 9), CheckStatus::kWarn}}) {
    certs::ServingOptions options;
    options.dns_names = {"cvm-webhook.cvm-system.svc"};
    options.validity = validity;
    cluster.serving_pem = certs::issue_serving({cluster.ca_pem, cluster.ca_key_pem}, options,
                                               TestCluster::now() - hours(48))
                              ->certificate_pem;
    EXPECT_EQ(cluster.run("serving-certificate").status(), status);
  }
}

TEST(ServingCertificateCheck, SaysWhyItWasNotSeen) {
  const TestCluster cluster;
  ClusterFacts facts = cluster.facts();
  facts.serving_certificate = {};
  EXPECT_EQ(cluster.run_on(facts, "serving-certificate").status(), CheckStatus::kSkip);
  facts.serving_certificate = {"127.0.0.1:1", "", "Connection refused"};
  EXPECT_THAT(texts(cluster.run_on(facts, "serving-certificate")),
              ElementsAre("fail: 127.0.0.1:1 does not answer: Connection refused"));
}

}  // namespace
}  // namespace cvm::webhook
