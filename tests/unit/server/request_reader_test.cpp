// RequestReader without a socket: every way in which bytes may come.
#include "webhook/server/request_reader.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace cvm::webhook {
namespace {

using Status = RequestReader::Status;

class RequestReaderTest : public testing::Test {
 protected:
  // Gives the bytes in pieces; returns the status after the last, having passed kHead.
  Status feed(std::string_view bytes, std::size_t piece) {
    Status status = Status::kNeedMore;
    while (!bytes.empty() && status != Status::kRefused) {
      const std::span<char> space = reader.space();
      const std::size_t size = std::min({piece, bytes.size(), space.size()});
      std::memcpy(space.data(), bytes.data(), size);
      reader.commit(size);
      bytes.remove_prefix(size);
      status = reader.parse();
      if (status == Status::kHead) status = reader.parse();
    }
    return status;
  }

  Limits limits;
  BufferPool pool;
  RequestReader reader{pool, limits};
};

TEST_F(RequestReaderTest, ReadsTheSameInPiecesOfAnySize) {
  const std::string request =
      "POST /mutate?timeout=5s HTTP/1.1\r\nContent-Type: application/json\r\n"
      "Content-Encoding: br\r\nContent-Length: 12\r\n\r\n{\"a\": \"bcd\"}";
  for (std::size_t piece = 1; piece <= request.size(); ++piece) {
    ASSERT_EQ(feed(request, piece), Status::kComplete) << piece;
    EXPECT_EQ(reader.head().method, "POST");
    EXPECT_EQ(reader.head().target, "/mutate?timeout=5s");
    EXPECT_EQ(reader.head().content_type, "application/json");
    EXPECT_EQ(reader.head().content_encoding, "br");
    EXPECT_EQ(reader.body(), "{\"a\": \"bcd\"}");
    EXPECT_TRUE(reader.keep_alive());
    reader.next();
    EXPECT_TRUE(reader.is_empty());
  }
}

TEST_F(RequestReaderTest, ReadsChunksInPiecesOfAnySize) {
  const std::string request =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n"
      "0\r\nContent-Type: text/html\r\n\r\n";
  for (std::size_t piece = 1; piece <= request.size(); ++piece) {
    ASSERT_EQ(feed(request, piece), Status::kComplete) << piece;
    EXPECT_EQ(reader.body(), "abc0123456789");
    EXPECT_EQ(reader.head().content_type, "") << "a trailer is no head";
    reader.next();
  }
}

TEST_F(RequestReaderTest, RefusesEveryRequestThatIsCutOff) {
  const std::string request = "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";
  for (std::size_t size = 0; size < request.size(); ++size) {
    RequestReader cut(pool, limits);
    std::memcpy(cut.space().data(), request.data(), size);
    cut.commit(size);
    Status status = cut.parse();
    if (status == Status::kHead) status = cut.parse();
    EXPECT_EQ(status, Status::kNeedMore) << size;
  }
}

TEST_F(RequestReaderTest, LeavesRoomBehindTheBody) {
  for (const std::size_t size : {10U, 32'000U, 32'700U, 40'000U, 1'000'000U}) {
    const std::string body(size, 'b');
    const std::string request =
        "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + body;
    ASSERT_EQ(feed(request, 5000), Status::kComplete);
    ASSERT_EQ(reader.body(), body);
    volatile char sum = 0;  // ASan sees a byte that is not ours
    for (std::size_t index = 0; index < RequestReader::kPadding; ++index) {
      sum = static_cast<char>(sum + reader.body().data()[size + index]);
    }
    reader.next();
  }
}

TEST_F(RequestReaderTest, RefusesATrailerWithoutEnd) {
  std::string request = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int number = 0; number < 3000; ++number) request += "X-Trailer: value\r\n";
  EXPECT_EQ(feed(request, 1000), Status::kRefused);
  EXPECT_EQ(reader.refusal().status, 431U);
}

TEST_F(RequestReaderTest, RefusesAHeadOverTheLimitHoweverItComes) {
  std::string request = "GET / HTTP/1.1\r\n";
  for (int number = 0; number < 1100; ++number) request += "X-Field: value\r\n";
  for (const std::size_t piece : {16U, 100U, 20'000U}) {
    RequestReader fresh(pool, limits);
    std::string_view bytes = request;
    Status status = Status::kNeedMore;
    while (!bytes.empty() && status == Status::kNeedMore) {
      const std::size_t size = std::min(piece, bytes.size());
      ASSERT_GE(fresh.space().size(), size);
      std::memcpy(fresh.space().data(), bytes.data(), size);
      fresh.commit(size);
      bytes.remove_prefix(size);
      status = fresh.parse();
    }
    EXPECT_EQ(status, Status::kRefused);
    EXPECT_EQ(fresh.refusal().status, 431U);
  }
}

}  // namespace
}  // namespace cvm::webhook
