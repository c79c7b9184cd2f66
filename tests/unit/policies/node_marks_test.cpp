// What nodes are marked with.
#include "policies/nodes/node_marks.hpp"

#include <gtest/gtest.h>

#include <map>

namespace cvm {

namespace {

NodeFacts good_node(std::string name) {
  NodeFacts facts;
  facts.name = std::move(name);
  facts.os_image = "Ubuntu 24.04.1 LTS";
  facts.kernel_version = "6.8.0-45-generic";
  facts.operating_system = "linux";
  facts.architecture = "amd64";
  return facts;
}

NodeMarks marks_of(const NodeFacts& node, const Settings& settings = {}) {
  return desired_marks(*NodeInventory::build({node}, settings), 0);
}

TEST(NodeMarks, SayThatANodeCanHostBoth) {
  EXPECT_EQ(marks_of(good_node("a")), (NodeMarks{"true", "true", ""}));
}

TEST(NodeMarks, SayWhyANodeCanHostNone) {
  NodeFacts node = good_node("a");
  node.architecture = "s390x";
  const NodeMarks marks = marks_of(node);
  EXPECT_EQ(marks.cvm, "false");
  EXPECT_EQ(marks.cvm_gpu, "false");
  EXPECT_TRUE(marks.reasons.starts_with("node-architecture: ")) << marks.reasons;
}

TEST(NodeMarks, SayWhatHoldsForGpuPodsOnly) {
  NodeFacts node = good_node("a");
  node.provider_id = "aws:///eu-west-1a/i-0abc";
  const NodeMarks marks = marks_of(node);
  EXPECT_EQ(marks.cvm, "true");
  EXPECT_EQ(marks.cvm_gpu, "false");
  EXPECT_TRUE(marks.reasons.starts_with("gpu-cloud (GPU): ")) << marks.reasons;
}

TEST(NodeMarks, LeaveOutWhatOnlyWarns) {
  NodeFacts node = good_node("a");
  node.architecture = "s390x";
  Settings settings;
  settings.rules["node-architecture"] = RuleAction::kWarn;
  EXPECT_EQ(marks_of(node, settings), (NodeMarks{"true", "true", ""}));
}

TEST(NodeMarks, ReasonsAreBoundedAndCutBetweenCharacters) {
  for (const char* beginning : {"", "x"}) {
    std::string reasons = beginning;
    while (reasons.size() < 2 * kMostReasonBytes) reasons += "\xc3\xa4";
    bound_reasons(reasons);
    EXPECT_LE(reasons.size(), kMostReasonBytes);
    EXPECT_GE(reasons.size(), kMostReasonBytes - 1);
    EXPECT_EQ(reasons.substr(reasons.size() - 5), "\xc3\xa4...");
  }
  std::string reasons(kMostReasonBytes, 'x');
  bound_reasons(reasons);
  EXPECT_EQ(reasons, std::string(kMostReasonBytes, 'x'));
}

TEST(NodeMarks, DigestTellsMarksApart) {
  const NodeMarks one{"true", "false", "x"};
  EXPECT_EQ(one.digest(), (NodeMarks{"true", "false", "x"}).digest());
  EXPECT_NE(one.digest(), (NodeMarks{"false", "true", "x"}).digest());
  EXPECT_NE(one.digest(), (NodeMarks{"true", "false", ""}).digest());
  EXPECT_NE((NodeMarks{"true", "", ""}).digest(), (NodeMarks{"", "true", ""}).digest());
}

TEST(NodeMarks, AreGivenForEachNode) {
  NodeFacts other = good_node("b");
  other.architecture = "s390x";
  std::map<std::string, std::string> found;
  for_each_desired_marks(
      *NodeInventory::build({good_node("a"), other, good_node("c")}, Settings{}),
      [&](const std::string& name, const NodeMarks& marks, std::uint64_t digest) {
        EXPECT_EQ(digest, marks.digest());
        found[name] = marks.cvm;
      });
  EXPECT_EQ(found,
            (std::map<std::string, std::string>{{"a", "true"}, {"b", "false"}, {"c", "true"}}));
}

}  // namespace

}  // namespace cvm
