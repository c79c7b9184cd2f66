#include <gtest/gtest.h>

#include "webhook/server/listener.hpp"
#include "webhook/server/resources.hpp"
#include "webhook/server/response_writer.hpp"

namespace cvm::webhook {
namespace {

TEST(Address, IsReadAndWritten) {
  for (const char* text : {"127.0.0.1:8443", "0.0.0.0:0", "[::1]:65535", "[::]:80"}) {
    EXPECT_EQ(to_text(parse_address(text)), text);
  }
  EXPECT_EQ(to_text(parse_address(":8080")), "[::]:8080");
}

TEST(Address, IsRefusedWithWhatWasExpected) {
  for (const char* text : {"", "8443", "localhost:8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                           "127.0.0.1:65536", "::1:8443", "[::1]", "127.0.0.1:-1"}) {
    EXPECT_THROW(parse_address(text), std::runtime_error) << text;
  }
}

TEST(Resources, GiveAtLeastTwoThreads) {
  EXPECT_GE(default_threads(), 2U);
  EXPECT_GT(raise_descriptor_limit(), 64U);
}

TEST(ResponseWriter, PutsTheHeadInFrontOfTheBody) {
  ResponseWriter writer;
  writer.set_date(std::chrono::system_clock::time_point{});
  writer.start() += "{}";
  EXPECT_EQ(writer.finish({.content_type = "application/json", .allow = {}}),
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  writer.start() += "expected POST\n";
  EXPECT_EQ(writer.finish({.status = 405,
                           .content_type = "text/plain",
                           .allow = "POST",
                           .keep_alive = false,
                           .head_only = true}),
            "HTTP/1.1 405 Method Not Allowed\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "Content-Type: text/plain\r\nAllow: POST\r\nContent-Length: 14\r\n"
            "Connection: close\r\n\r\n");
}

}  // namespace
}  // namespace cvm::webhook
