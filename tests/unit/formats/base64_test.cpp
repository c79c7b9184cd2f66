#include "webhook/formats/base64.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace cvm::webhook {
namespace {

TEST(Base64, DecodesWhatIsPaddedAndRefusesTheRest) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("YQ=="), "a");
  EXPECT_EQ(decode_base64("YWI="), "ab");
  EXPECT_EQ(decode_base64("YWJj"), "abc");
  EXPECT_EQ(decode_base64("YW\nJj\n"), "abc");
  EXPECT_EQ(decode_base64("AAA="), std::string(2, '\0'));
  EXPECT_EQ(decode_base64("YQ="), std::nullopt);
  EXPECT_EQ(decode_base64("Y"), std::nullopt);
  EXPECT_EQ(decode_base64("Y###"), std::nullopt);
}

TEST(Base64, AppendsWhatItDecodes) {
  std::string bytes;
  for (int value = 0; value < 256; ++value) {
    std::string text = "before ";
    append_base64(bytes, text);
    ASSERT_TRUE(text.starts_with("before "));
    EXPECT_EQ(text.size(), 7 + (bytes.size() + 2) / 3 * 4);
    EXPECT_EQ(decode_base64(text.substr(7)), bytes);
    bytes += static_cast<char>(value);
  }
  std::string text;
  append_base64("ab", text);
  EXPECT_EQ(text, "YWI=");
}

}  // namespace
}  // namespace cvm::webhook
