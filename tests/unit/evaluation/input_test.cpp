#include "webhook/evaluation/input.hpp"

#include <gtest/gtest.h>

namespace cvm::webhook {
namespace {

TEST(FieldToPointer, ReadsThePathsOfFindingsAndDecoders) {
  EXPECT_EQ(field_to_pointer(""), "");
  EXPECT_EQ(field_to_pointer("spec"), "/spec");
  EXPECT_EQ(field_to_pointer("spec.containers[12].name"), "/spec/containers/12/name");
  EXPECT_EQ(field_to_pointer("items[0]"), "/items/0");
  EXPECT_EQ(field_to_pointer("[3].kind"), "/3/kind");
  EXPECT_EQ(field_to_pointer("metadata.labels[a.b/c]"), "/metadata/labels/a.b~1c");
  EXPECT_EQ(field_to_pointer("metadata.labels[\"a.b/c\"].x"), "/metadata/labels/a.b~1c/x");
  EXPECT_EQ(field_to_pointer("metadata.labels[open"), "/metadata/labels/open");
}

}  // namespace
}  // namespace cvm::webhook
