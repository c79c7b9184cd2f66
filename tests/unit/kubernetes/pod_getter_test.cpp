#include "webhook/kubernetes/api/pod_getter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/unit/kubernetes/fake_api_server.hpp"

namespace cvm::webhook {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr const char* kPod =
    R"({"kind":"Pod","metadata":{"name":"alice","namespace":"team","uid":"u","annotations":)"
    R"({"cvm-webhook.io/plan":"v1:0"}},"spec":{"nodeName":"n","containers":[{"name":"dev"}]}})";

PodLookup get(PodGetter& getter, boost::asio::io_context& io, std::string ns = "team",
              std::string name = "alice", milliseconds time = milliseconds{20'000}) {
  PodLookup result;
  boost::asio::co_spawn(
      io,
      [](PodGetter& from, std::string in, std::string of, milliseconds within,
         PodLookup& out) -> boost::asio::awaitable<void> {
        out = co_await from.get(std::move(in), std::move(of), within);
      }(getter, std::move(ns), std::move(name), time, result),
      boost::asio::detached);
  io.restart();
  io.run();
  return result;
}

TEST(PodGetter, TellsWhatThePodIs) {
  FakeApiServer server(
      [](const FakeRequest&, FakeExchange& exchange) { exchange.respond(200, kPod); });
  boost::asio::io_context io(1);
  PodGetter getter(io.get_executor(), server.access());
  const PodLookup found = get(getter, io);
  ASSERT_EQ(found.outcome, PodLookup::Outcome::kFound) << found.failure;
  EXPECT_TRUE(found.pod.is_cvm);
  EXPECT_EQ(found.pod.supervisor, "") << "it has no such container";
  EXPECT_EQ(found.pod.only_container, "dev");
  EXPECT_EQ(server.requests().at(0).target, "/api/v1/namespaces/team/pods/alice");
  EXPECT_EQ(get(getter, io).outcome, PodLookup::Outcome::kFound) << "on the same connection";
  getter.stop();
  EXPECT_EQ(get(getter, io).outcome, PodLookup::Outcome::kFailed);
}

TEST(PodGetter, TellsAnAbsentPodFromAFailure) {
  int status = 404;
  FakeApiServer server([&status](const FakeRequest&, FakeExchange& exchange) {
    exchange.respond(status, status_json(status, "no"));
  });
  boost::asio::io_context io(1);
  PodGetter getter(io.get_executor(), server.access());
  EXPECT_EQ(get(getter, io).outcome, PodLookup::Outcome::kAbsent);
  status = 403;
  const PodLookup refused = get(getter, io);
  EXPECT_EQ(refused.outcome, PodLookup::Outcome::kFailed);
  EXPECT_THAT(refused.failure, HasSubstr("403"));
}

TEST(PodGetter, GivesUpInTime) {
  FakeApiServer server([](const FakeRequest&, FakeExchange& exchange) { exchange.hold(); });
  boost::asio::io_context io(1);
  PodGetter getter(io.get_executor(), server.access());
  const auto begin = std::chrono::steady_clock::now();
  const PodLookup late = get(getter, io, "team", "alice", milliseconds{100});
  EXPECT_EQ(late.outcome, PodLookup::Outcome::kFailed);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{20});
}

TEST(PodGetter, AsksAgainWhereAKeptConnectionWasClosed) {
  FakeApiServer server([](const FakeRequest&, FakeExchange& exchange) {
    exchange.respond(200, kPod);
    exchange.drop();
  });
  boost::asio::io_context io(1);
  PodGetter getter(io.get_executor(), server.access());
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(get(getter, io).outcome, PodLookup::Outcome::kFound) << round;
  }
}

TEST(PodGetter, DoesNotAskForWhatIsNoName) {
  FakeApiServer server(
      [](const FakeRequest&, FakeExchange& exchange) { exchange.respond(200, kPod); });
  boost::asio::io_context io(1);
  PodGetter getter(io.get_executor(), server.access());
  for (const char* name : {"../secrets/x", "a/log", "a?x=y", "", "A"}) {
    EXPECT_EQ(get(getter, io, "team", name).outcome, PodLookup::Outcome::kAbsent) << name;
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST(PodGetter, RefusesToReadWhatIsNoPod) {
  FakeApiServer server(
      [](const FakeRequest&, FakeExchange& exchange) { exchange.respond(200, "<html>"); });
  boost::asio::io_context io(1);
  PodGetter getter(io.get_executor(), server.access());
  EXPECT_THAT(get(getter, io).failure, HasSubstr("is no pod"));
}

}  // namespace
}  // namespace cvm::webhook
