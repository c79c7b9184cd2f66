// The stream of a watch, cut anywhere.
#include "webhook/kubernetes/api/watch_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "webhook/decode/json_fields.hpp"
#include "webhook/kubernetes/api/backoff.hpp"

namespace cvm::webhook {
namespace {

using testing::ElementsAre;
using testing::StartsWith;
using Type = WatchEvent::Type;

std::vector<std::string> drain(LineSplitter& lines) {
  std::vector<std::string> all;
  while (const auto line = lines.next()) all.emplace_back(*line);
  return all;
}

TEST(LineSplitter, GivesTheSameLinesWhereverTheStreamIsCut) {
  const std::string stream = "one\ntwo\r\n\nthree\n";
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      LineSplitter lines(100);
      std::vector<std::string> all;
      for (const auto& piece :
           {stream.substr(0, first), stream.substr(first, second - first), stream.substr(second)}) {
        lines.append(piece);
        for (std::string& line : drain(lines)) all.push_back(std::move(line));
      }
      EXPECT_THAT(all, ElementsAre("one", "two", "three")) << first << ' ' << second;
    }
  }
}

TEST(LineSplitter, LimitsTheLineAndNotTheStream) {
  LineSplitter lines(4);
  lines.append("1234\n1234\n12");
  EXPECT_EQ(drain(lines).size(), 2U);
  EXPECT_FALSE(lines.too_long());
  lines.append("34");
  EXPECT_TRUE(drain(lines).empty());
  EXPECT_FALSE(lines.too_long());
  lines.append("5");
  EXPECT_TRUE(drain(lines).empty());
  EXPECT_TRUE(lines.too_long());
}

// With a parser of its own: what is read of the object here is a copy.
Result<WatchEvent> decode(std::string_view line) {
  simdjson::dom::parser parser;
  return decode_watch_event(line, parser);
}

TEST(WatchEvent, ReadsEachType) {
  simdjson::dom::parser parser;
  const auto put = decode_watch_event(
      R"({"type":"ADDED","object":{"kind":"Node","metadata":{"name":"a","resourceVersion":"7"},)"
      R"("status":{"nodeInfo":{"kernelVersion":"6.1"}}}})",
      parser);
  EXPECT_EQ(put->type, Type::kPut);
  EXPECT_EQ(put->resource_version, "7");
  EXPECT_EQ(put->name, "a");
  EXPECT_EQ(string_at(put->object, "/status/nodeInfo/kernelVersion"), "6.1");

  const auto removed =
      decode(R"({"type":"DELETED","object":{"metadata":{"name":"a","resourceVersion":"8"}}})");
  EXPECT_EQ(removed->type, Type::kDelete);
  EXPECT_EQ(removed->name, "a");

  const auto bookmark =
      decode(R"({"type":"BOOKMARK","object":{"kind":"Node","metadata":{"resourceVersion":"9"}}})");
  EXPECT_EQ(bookmark->type, Type::kBookmark);
  EXPECT_EQ(bookmark->resource_version, "9");

  const auto error =
      decode(R"({"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}})");
  EXPECT_EQ(error->type, Type::kError);
  EXPECT_EQ(error->code, 410);
  EXPECT_EQ(error->message, "too old");
}

TEST(WatchEvent, RefusesWhatIsNone) {
  const auto error = [](std::string_view line) { return decode(line).error().message; };
  EXPECT_EQ(error("hello"), "expected a watch event, found \"hello\"");
  EXPECT_EQ(error(R"({"type":"ADDED"})"),
            R"(expected a watch event with an object, found "{"type":"ADDED"}")");
  EXPECT_THAT(error(R"({"type":"ADDED","object":{"metadata":{"name":"a"}}})"),
              StartsWith("expected a watch event with a resourceVersion"));
  EXPECT_THAT(error(R"({"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}})"),
              StartsWith("expected the event of a named object"));
  EXPECT_EQ(error(R"({"type":"X","object":{"metadata":{"resourceVersion":"1"}}})"),
            "expected ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, found the event type \"X\"");
  EXPECT_EQ(error(std::string(200, 'x')).size(),
            std::string("expected a watch event, found ").size() + 85);
}

TEST(WatchEvent, TruncationAtEveryByteIsAnError) {
  const std::string line =
      R"({"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"7"}}})";
  for (std::size_t size = 0; size < line.size(); ++size) {
    EXPECT_FALSE(decode(std::string_view(line).substr(0, size))) << size;
  }
  EXPECT_TRUE(decode(line));
}

TEST(Backoff, DoublesToItsMostWithJitterInTheUpperHalf) {
  using std::chrono::milliseconds;
  Backoff backoff(milliseconds{100}, milliseconds{500}, 1);
  for (const int step : {100, 200, 400, 500, 500}) {
    const auto delay = backoff.next();
    EXPECT_GE(delay, milliseconds{step / 2});
    EXPECT_LE(delay, milliseconds{step});
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), milliseconds{100});
}

TEST(Backoff, TwoSeedsGiveTwoSequencesAndOneSeedOne) {
  using std::chrono::milliseconds;
  const auto sequence = [](std::uint64_t seed) {
    Backoff backoff(milliseconds{1000}, milliseconds{60'000}, seed);
    std::vector<milliseconds> delays;
    for (int i = 0; i < 5; ++i) delays.push_back(backoff.next());
    return delays;
  };
  EXPECT_EQ(sequence(1), sequence(1));
  EXPECT_NE(sequence(1), sequence(2));
}

}  // namespace
}  // namespace cvm::webhook
