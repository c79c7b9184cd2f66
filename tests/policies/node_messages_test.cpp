// Nodes with the same problem share one reason, so its message does not name the node: held against
// every node rule, on every node and with all settings of the suites.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/rules/registry.hpp"
#include "tests/policies/case_test.hpp"

namespace cvm::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(NodeMessages, DoNotNameTheNode) {
  std::set<std::string_view> spoke;
  for (const auto& suite : all_suites()) {
    for (const webhook::SuiteCase& one : suite->cases) {
      const NodeCatalog* catalog = suite->nodes[one.nodes].get();
      if (catalog == nullptr) continue;
      for (const auto& each : *catalog->classes) {
        NodeFacts node = *each;
        node.name = "the-name-of-the-node";
        for (const NodeRule* rule : node_rules()) {
          const auto problem = rule->check(node, suite->settings[one.settings].settings);
          if (!problem) continue;
          spoke.insert(rule->descriptor.id);
          EXPECT_THAT(problem->message, Not(HasSubstr(node.name)));
        }
      }
    }
  }
  EXPECT_EQ(spoke.size(), node_rules().size());
}

}  // namespace
}  // namespace cvm::testing
