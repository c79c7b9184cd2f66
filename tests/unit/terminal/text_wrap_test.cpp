#include "webhook/terminal/text_wrap.hpp"

#include <gtest/gtest.h>

namespace cvm::webhook {
namespace {

TEST(WrapText, BreaksAtSpacesBeforeTheWidth) {
  EXPECT_EQ(wrap_text("one two three", 7, 0), "one two\nthree\n");
  EXPECT_EQ(wrap_text("one two three", 9, 2), "  one two\n  three\n");
  EXPECT_EQ(wrap_text("one two three", 80, 2), "  one two three\n");
}

TEST(WrapText, LeavesLongWordsWhole) {
  EXPECT_EQ(wrap_text("a https://example.com/x b", 10, 1), " a\n https://example.com/x\n b\n");
}

TEST(WrapText, TakesSpacesAsOne) {
  EXPECT_EQ(wrap_text("  a   b ", 80, 0), "a b\n");
  EXPECT_EQ(wrap_text("", 80, 2), "\n");
}

}  // namespace
}  // namespace cvm::webhook
