#include "policies/model/quantity.hpp"

#include <gtest/gtest.h>

namespace cvm {
namespace {

TEST(Quantity, ReadsEverySuffix) {
  EXPECT_EQ(parse_quantity("2"), 2.0);
  EXPECT_EQ(parse_quantity("100m"), 0.1);
  EXPECT_EQ(parse_quantity("1k"), 1e3);
  EXPECT_EQ(parse_quantity("1M"), 1e6);
  EXPECT_EQ(parse_quantity("1E"), 1e18);
  EXPECT_EQ(parse_quantity("1Ki"), 1024.0);
  EXPECT_EQ(parse_quantity("1Ei"), 1152921504606846976.0);
  EXPECT_EQ(parse_quantity("1e3"), 1000.0);
  EXPECT_EQ(parse_quantity("1E3"), 1000.0);
  EXPECT_EQ(parse_quantity("0.5"), 0.5);
  EXPECT_EQ(parse_quantity("+1"), 1.0);
  EXPECT_EQ(parse_quantity("-1"), -1.0);
}

TEST(Quantity, RefusesWhatIsNone) {
  for (const char* text : {"", "-", "+", "Gi", "1gi", "1 Gi", "inf", "nan", "0x10", "1Gi1", "m"}) {
    EXPECT_FALSE(parse_quantity(text).has_value()) << text;
  }
}

TEST(Quantity, IsTheSameInEverySpellingOfTheApiServer) {
  EXPECT_TRUE(same_quantity("0.1", "100m"));
  EXPECT_TRUE(same_quantity("1024Mi", "1Gi"));
  EXPECT_TRUE(same_quantity("1000m", "1"));
  EXPECT_TRUE(same_quantity("0", "0"));
  EXPECT_FALSE(same_quantity("100m", "101m"));
  EXPECT_FALSE(same_quantity("1G", "1Gi"));
  EXPECT_FALSE(same_quantity("1", "one"));
}

}  // namespace
}  // namespace cvm
