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

}  // namespace
}  // namespace cvm::webhook
