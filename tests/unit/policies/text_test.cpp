#include "policies/model/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cvm {
namespace {

TEST(Text, IsReadableAndBounded) {
  EXPECT_EQ(readable("/home/coder"), "/home/coder");
  EXPECT_EQ(readable("a\nb\"c\x1b[31m"), "a?b?c?[31m");
  EXPECT_EQ(readable(std::string(64, 'x')), std::string(64, 'x'));
  EXPECT_EQ(readable(std::string(65, 'x')), std::string(64, 'x') + "...");
  EXPECT_EQ(quoted(""), "\"\"");
  EXPECT_EQ(quoted("a"), "\"a\"");
}

TEST(Text, ListsWords) {
  EXPECT_EQ(list_words({}), "");
  EXPECT_EQ(list_words(std::vector<std::string_view>{"a"}), "a");
  EXPECT_EQ(list_words(std::vector<std::string_view>{"a", "b"}), "a or b");
  EXPECT_EQ(list_words(std::vector<std::string_view>{"a", "", "c"}, "and"), "a, \"\" and c");
}

TEST(Text, ListsSomeOfManyNames) {
  const std::vector<std::string> names = {"a", "b", "c"};
  EXPECT_EQ(list_some(names, 3), "a, b, c");
  EXPECT_EQ(list_some(names, 2), "a, b and 1 more");
  EXPECT_EQ(list_some({}, 2), "");
}

TEST(Text, IsCutBetweenCharacters) {
  EXPECT_EQ(cut_utf8("abc", 3), "abc");
  EXPECT_EQ(cut_utf8("ab\u00e4", 3), "ab");
  EXPECT_EQ(cut_utf8("\u00e4", 1), "");
}

}  // namespace
}  // namespace cvm
