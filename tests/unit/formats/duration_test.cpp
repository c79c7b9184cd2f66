#include "webhook/formats/duration.hpp"

#include <gtest/gtest.h>

namespace cvm::webhook {
namespace {

TEST(Duration, IsWrittenAsItIsRead) {
  for (const char* text : {"5m", "90m", "1h30m", "45s", "2h5s", "0s", "9999999h"}) {
    const auto read = parse_duration(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*parse_duration(write_duration(*read)), *read) << text;
  }
  EXPECT_EQ(write_duration(std::chrono::seconds{300}), "5m");
  EXPECT_EQ(write_duration(std::chrono::seconds{5405}), "1h30m5s");
  EXPECT_EQ(write_duration(std::chrono::seconds{0}), "0s");
}

TEST(Duration, OfMillisecondsIsWrittenAsItIsRead) {
  for (const char* text : {"500ms", "1s500ms", "1m", "1h1m1s1ms", "0s"}) {
    const auto read = parse_fine_duration(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(write_duration(*read), text);
  }
  EXPECT_EQ(*parse_fine_duration("1500ms"), std::chrono::milliseconds{1500});
  EXPECT_EQ(*parse_fine_duration("1m5ms"), std::chrono::milliseconds{60'005});
}

TEST(Duration, OfAnotherFormIsNone) {
  for (const char* text : {"", "5", "m", "5x", "1s1m", "1m1m", "-1s", "1.5s", "12345678s", "5 m",
                           "5M", "1mss", "5ms1s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
    EXPECT_FALSE(parse_fine_duration(text)) << text;
  }
  EXPECT_FALSE(parse_duration("500ms"));
  EXPECT_EQ(parse_fine_duration("soon").error().message,
            "expected a duration such as 5m, 90s or 500ms, found \"soon\"");
}

}  // namespace
}  // namespace cvm::webhook
