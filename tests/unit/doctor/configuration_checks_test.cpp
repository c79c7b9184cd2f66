#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_cluster.hpp"

namespace cvm::webhook {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(ConfigurationsCheck, WantsBoth) {
  TestCluster cluster;
  cluster.remove("ValidatingWebhookConfiguration", true);
  EXPECT_THAT(texts(cluster.run("configurations")),
              ElementsAre(HasSubstr("fail: there is no ValidatingWebhookConfiguration")));
  cluster.remove("MutatingWebhookConfiguration");
  EXPECT_THAT(texts(cluster.run("configurations")),
              Contains("skip: the dump has no MutatingWebhookConfiguration"));
}

TEST(FailurePolicyCheck, FailsWhereAUserCouldGain) {
  TestCluster cluster;
  cluster.one("ValidatingWebhookConfiguration")["webhooks"][0]["failurePolicy"] = "Ignore";
  const Findings findings = cluster.run("failure-policy");
  EXPECT_THAT(texts(findings), ElementsAre(HasSubstr("fail: validate.cvm-webhook.io")));
  EXPECT_THAT(findings.all()[0].fix, HasSubstr("/webhooks/0/failurePolicy\",\"value\":\"Fail\""));
}

TEST(FailurePolicyCheck, WarnsWhereAUserWouldLose) {
  TestCluster cluster;
  cluster.one("MutatingWebhookConfiguration")["webhooks"][0]["failurePolicy"] = "Ignore";
  EXPECT_THAT(texts(cluster.run("failure-policy")), ElementsAre(StartsWith("warn: mutate.")));
  cluster.remove("MutatingWebhookConfiguration");
  EXPECT_EQ(cluster.run("failure-policy").status(), CheckStatus::kSkip);
}

TEST(NamespaceSelectorCheck, WantsTheSystemExcluded) {
  TestCluster cluster;
  auto& selector = cluster.one("MutatingWebhookConfiguration")["webhooks"][0]["namespaceSelector"];
  selector["matchExpressions"][0]["values"] = {"kube-node-lease", "cvm-system"};
  EXPECT_THAT(texts(cluster.run("namespace-selector")),
              ElementsAre(HasSubstr("fail: mutate.cvm-webhook.io: namespaceSelector does not "
                                    "exclude kube-system")));
}

TEST(NamespaceSelectorCheck, WantsNamespacesThatTakePartAndNoOthers) {
  TestCluster cluster;
  auto& selector = cluster.one("MutatingWebhookConfiguration")["webhooks"][0]["namespaceSelector"];
  selector.erase("matchLabels");
  EXPECT_THAT(texts(cluster.run("namespace-selector")),
              ElementsAre(HasSubstr("warn: mutate.cvm-webhook.io")));
  selector["matchLabels"] = {{"team", "a"}};
  EXPECT_THAT(texts(cluster.run("namespace-selector")),
              ElementsAre(HasSubstr("fail: mutate.cvm-webhook.io")));
  selector["matchLabels"] = {{"cvm-webhook.io/workspaces", "enabled"}};
  selector["matchExpressions"][0]["values"].push_back("dev");
  EXPECT_THAT(texts(cluster.run("namespace-selector")),
              ElementsAre(HasSubstr("does not select namespaces that take part: dev")));
  cluster.remove("MutatingWebhookConfiguration");
  EXPECT_EQ(cluster.run("namespace-selector").status(), CheckStatus::kSkip);
}

TEST(TimeoutCheck, WarnsOfLongWaits) {
  TestCluster cluster;
  EXPECT_THAT(texts(cluster.run("timeout")), ElementsAre(HasSubstr("waits 3 s at most")));
  cluster.change_webhooks([](auto& webhook) { webhook["timeoutSeconds"] = 30; });
  EXPECT_EQ(cluster.run("timeout").status(), CheckStatus::kWarn);
  cluster.remove("ValidatingWebhookConfiguration");
  EXPECT_EQ(cluster.run("timeout").status(), CheckStatus::kSkip);
}

TEST(ConfigurationRulesCheck, WantsEveryRuleThatShips) {
  TestCluster cluster;
  // Taking any operation or resource from any shipped rule is noticed, so none is missing here.
  for (const char* kind : {"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}) {
    const auto shipped = cluster.one(kind);
    for (std::size_t i = 0; i < shipped["webhooks"].size(); ++i) {
      for (std::size_t j = 0; j < shipped["webhooks"][i]["rules"].size(); ++j) {
        for (const char* field : {"operations", "resources"}) {
          const std::size_t size = shipped["webhooks"][i]["rules"][j][field].size();
          for (std::size_t k = 0; k < size; ++k) {
            auto& words = cluster.one(kind)["webhooks"][i]["rules"][j][field];
            const auto word = words[k];
            words.erase(k);
            EXPECT_NE(cluster.run("configuration-rules").status(), CheckStatus::kPass) << word;
            cluster.one(kind) = shipped;
          }
        }
      }
    }
  }
}

TEST(ConfigurationRulesCheck, KnowsWildcards) {
  TestCluster cluster;
  auto& rules = cluster.one("ValidatingWebhookConfiguration")["webhooks"][0]["rules"];
  rules = {{{"apiGroups", {"*"}}, {"operations", {"*"}}, {"resources", {"*/*"}}}};
  EXPECT_EQ(cluster.run("configuration-rules").status(), CheckStatus::kPass);
  rules = {{{"apiGroups", {""}}, {"operations", {"*"}}, {"resources", {"*"}}}};
  EXPECT_THAT(texts(cluster.run("configuration-rules")), ElementsAre(HasSubstr("pods/binding")));
  cluster.remove("ValidatingWebhookConfiguration", true);
  EXPECT_EQ(cluster.run("configuration-rules").status(), CheckStatus::kSkip);
}

}  // namespace
}  // namespace cvm::webhook
