#include "policies/compatibility/node_statements.hpp"

#include <gtest/gtest.h>

namespace cvm {

TEST(NodeStatements, AreNotKnownOfANodeThatSaysNothing) {
  EXPECT_EQ(stated(NodeFacts{}, kShiftfsStatement), std::nullopt);
}

TEST(NodeStatements, AreReadFromLabelsAndAnnotations) {
  NodeFacts node;
  node.labels[std::string(kShiftfsStatement)] = "true";
  node.annotations[std::string(kSecureBootStatement)] = "false";
  EXPECT_EQ(stated(node, kShiftfsStatement), true);
  EXPECT_EQ(stated(node, kSecureBootStatement), false);
  EXPECT_EQ(stated(node, kKernelHeadersStatement), std::nullopt);
}

TEST(NodeStatements, OfALabelWinOverAnAnnotation) {
  NodeFacts node;
  node.annotations[std::string(kShiftfsStatement)] = "true";
  node.labels[std::string(kShiftfsStatement)] = "false";
  EXPECT_EQ(stated(node, kShiftfsStatement), false);
  node.labels[std::string(kShiftfsStatement)] = "perhaps";
  EXPECT_EQ(stated(node, kShiftfsStatement), std::nullopt);
}

TEST(NodeStatements, AreTrueOrFalseAndNothingElse) {
  for (const char* value : {"", "True", "1", "yes", "false ", "off"}) {
    NodeFacts node;
    node.labels[std::string(kShiftfsStatement)] = value;
    EXPECT_EQ(stated(node, kShiftfsStatement), std::nullopt) << value;
  }
}

}  // namespace cvm
