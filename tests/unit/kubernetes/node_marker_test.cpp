// Marking nodes against a fake API server: what is written, when, and how often.
#include "webhook/kubernetes/watchers/node_marker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "fake_api_server.hpp"
#include "webhook/kubernetes/watchers/mark_pace.hpp"

namespace cvm::webhook {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using Nlohmann = nlohmann::json;

NodeFacts node(const std::string& name, const std::string& architecture = "amd64") {
  NodeFacts facts;
  facts.name = name;
  facts.os_image = "Ubuntu 24.04.1 LTS";
  facts.kernel_version = "6.8.0-45-generic";
  facts.operating_system = "linux";
  facts.architecture = architecture;
  return facts;
}

MarkTuning quick_tuning() {
  MarkTuning tuning;
  tuning.look_interval = milliseconds{2};
  tuning.again_first = milliseconds{10'000};
  tuning.backoff_first = milliseconds{2};
  tuning.backoff_most = milliseconds{10};
  tuning.seed = 1;
  return tuning;
}

// A marker on this thread, with the nodes as they are said to carry their marks.
class Marking {
 public:
  explicit Marking(FakeApiServer::Handler handler, MarkTuning tuning = quick_tuning())
      : server_(std::move(handler)),
        marker_(
            io_.get_executor(), server_.access(), carried_,
            [this](bool, const std::string& line) { log_ += line + "\n"; }, tuning) {
    marker_.start();
  }
  ~Marking() {
    marker_.stop();
    io_.run_for(seconds{5});
  }

  void use(std::vector<NodeFacts> nodes) {
    for (const NodeFacts& one : nodes) {
      if (!carried_->of(one.name)) carry(one.name, {});
    }
    marker_.use(NodeInventory::build(nodes, Settings{}));
  }
  void use_nothing() { marker_.use(nullptr); }
  void carry(const std::string& name, const NodeMarks& marks) {
    carried_->put(name, marks.digest());
  }
  void forget(const std::string& name) { carried_->erase(name); }

  bool run_until_requests(std::size_t count) {
    const auto end = std::chrono::steady_clock::now() + seconds{30};
    while (server_.requests().size() < count && std::chrono::steady_clock::now() < end) {
      io_.run_for(milliseconds{2});
    }
    return server_.requests().size() >= count;
  }
  void run_for(milliseconds time) { io_.run_for(time); }

  std::vector<FakeRequest> requests() const { return server_.requests(); }
  const MarkStatus& status() const { return marker_.status(); }
  const std::string& log() const { return log_; }

 private:
  FakeApiServer server_;
  boost::asio::io_context io_{1};
  std::shared_ptr<CarriedMarks> carried_ = std::make_shared<CarriedMarks>();
  std::string log_;
  NodeMarker marker_;
};

void accept(const FakeRequest&, FakeExchange& exchange) { exchange.respond(200, "{}"); }

TEST(NodeMarker, WritesWhatANodeLacksByServerSideApply) {
  Marking marking(accept);
  marking.use({node("a", "s390x")});
  ASSERT_TRUE(marking.run_until_requests(1));
  const FakeRequest request = marking.requests()[0];
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.target, "/api/v1/nodes/a?fieldManager=cvm-webhook&force=true");
  EXPECT_EQ(request.content_type, "application/apply-patch+yaml");
  const Nlohmann body = Nlohmann::parse(request.body);
  EXPECT_EQ(body["apiVersion"], "v1");
  EXPECT_EQ(body["kind"], "Node");
  EXPECT_EQ(body["metadata"]["name"], "a");
  EXPECT_EQ(body["metadata"]["labels"],
            Nlohmann({{"cvm-webhook.io/cvm", "false"}, {"cvm-webhook.io/cvm-gpu", "false"}}));
  EXPECT_THAT(body["metadata"]["annotations"]["cvm-webhook.io/cvm-reasons"].get<std::string>(),
              HasSubstr("node-architecture: "));
  EXPECT_EQ(body.size(), 3U) << "nothing but what is ours";
}

TEST(NodeMarker, LeavesOutReasonsWhereThereAreNone) {
  Marking marking(accept);
  marking.use({node("a")});
  ASSERT_TRUE(marking.run_until_requests(1));
  const Nlohmann body = Nlohmann::parse(marking.requests()[0].body);
  EXPECT_FALSE(body["metadata"].contains("annotations"));
}

TEST(NodeMarker, WritesNoNodeThatCarriesWhatItShould) {
  Marking marking(accept);
  marking.carry("a", {"true", "true", ""});
  marking.use({node("a"), node("b")});
  ASSERT_TRUE(marking.run_until_requests(1));
  marking.run_for(milliseconds{100});
  ASSERT_EQ(marking.requests().size(), 1U);
  EXPECT_THAT(marking.requests()[0].target, HasSubstr("/nodes/b?"));
}

TEST(NodeMarker, DoesNotRepeatAWriteThatTheWatchHasNotTold) {
  Marking marking(accept);
  marking.use({node("a")});
  ASSERT_TRUE(marking.run_until_requests(1));
  marking.use({node("a")});  // another inventory, as after a heartbeat that changed something
  marking.run_for(milliseconds{100});
  EXPECT_EQ(marking.requests().size(), 1U);
  EXPECT_EQ(marking.status().writes, 1U);
}

TEST(NodeMarker, WritesAtOnceWhenTheVerdictChanges) {
  Marking marking(accept);
  marking.use({node("a")});
  ASSERT_TRUE(marking.run_until_requests(1));
  marking.carry("a", {"true", "true", ""});
  marking.use({node("a", "s390x")});
  ASSERT_TRUE(marking.run_until_requests(2));
  EXPECT_THAT(marking.requests()[1].body, HasSubstr("false"));
}

TEST(NodeMarker, WritesMoreAndMoreSeldomWhereMarksAreTakenAway) {
  MarkTuning tuning = quick_tuning();
  tuning.again_first = milliseconds{20};
  Marking marking(accept, tuning);
  marking.use({node("a")});
  const auto end = std::chrono::steady_clock::now() + milliseconds{1000};
  while (std::chrono::steady_clock::now() < end) {
    marking.carry("a", {"true", "true", ""});
    marking.carry("a", {});
    marking.run_for(milliseconds{1});
  }
  // At 0, 20, 60, 140, 300 and 620 ms, and no oftener.
  EXPECT_GE(marking.requests().size(), 2U);
  EXPECT_LE(marking.requests().size(), 6U);
}

TEST(NodeMarker, KeepsToItsRate) {
  MarkTuning tuning = quick_tuning();
  tuning.burst = 5;
  tuning.writes_per_second = 20;
  Marking marking(accept, tuning);
  std::vector<NodeFacts> nodes;
  for (int i = 0; i < 200; ++i) nodes.push_back(node("n" + std::to_string(i)));
  const auto began = std::chrono::steady_clock::now();
  marking.use(std::move(nodes));
  marking.run_for(milliseconds{500});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  EXPECT_GE(marking.requests().size(), 5U);
  EXPECT_LE(static_cast<double>(marking.requests().size()), 5 + took.count() * 20 + 1);
}

TEST(NodeMarker, LooksOnceMoreJustBeforeEachWrite) {
  MarkTuning tuning = quick_tuning();
  tuning.burst = 1;
  tuning.writes_per_second = 50;
  Marking marking(accept, tuning);
  marking.use({node("a"), node("b"), node("c")});
  ASSERT_TRUE(marking.run_until_requests(1));
  // The other replica has written all of them meanwhile.
  for (const char* name : {"a", "b", "c"}) marking.carry(name, {"true", "true", ""});
  marking.run_for(milliseconds{200});
  EXPECT_LE(marking.requests().size(), 2U);  // one may have been on its way
}

TEST(NodeMarker, NodesThatHaveGoneAndConflictsAreNoErrors) {
  for (const int status : {404, 409}) {
    Marking marking([status](const FakeRequest&, FakeExchange& exchange) {
      exchange.respond(status, status_json(status, "x"));
    });
    marking.use({node("a")});
    ASSERT_TRUE(marking.run_until_requests(1));
    marking.run_for(milliseconds{50});
    EXPECT_EQ(marking.requests().size(), 1U);
    EXPECT_EQ(marking.status().failures, 0U);
    EXPECT_EQ(marking.status().writes, 0U);
  }
}

TEST(NodeMarker, TriesAgainAfterAnError) {
  auto asked = std::make_shared<std::atomic<int>>(0);
  Marking marking([asked](const FakeRequest&, FakeExchange& exchange) {
    if (++*asked == 1) return exchange.respond(503, status_json(503, "starting"));
    if (*asked == 2) return exchange.drop();
    exchange.respond(200, "{}");
  });
  marking.use({node("a")});
  ASSERT_TRUE(marking.run_until_requests(3));
  marking.run_for(milliseconds{50});
  EXPECT_EQ(marking.status().writes, 1U);
  EXPECT_EQ(marking.status().failures, 2U);
  EXPECT_EQ(marking.status().last_error, "");
  EXPECT_THAT(marking.log(), HasSubstr("marking node a: PATCH /api/v1/nodes/a"));
}

TEST(NodeMarker, LeavesNodesAloneWithoutAnInventory) {
  Marking marking(accept);
  marking.use({node("a")});
  marking.use_nothing();
  marking.run_for(milliseconds{100});
  EXPECT_TRUE(marking.requests().empty());
}

TEST(TokenBucket, GivesItsBurstAndThenItsRate) {
  TokenBucket bucket(10, 3);
  const TokenBucket::Clock::time_point start{};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(start), milliseconds::zero());
  const milliseconds delay = bucket.take(start);
  EXPECT_GE(delay, milliseconds{100});
  EXPECT_LE(delay, milliseconds{101});
  EXPECT_EQ(bucket.take(start + delay), milliseconds::zero());
  EXPECT_GT(bucket.take(start + delay), milliseconds::zero());
  // A long quiet time brings no more than the burst.
  int taken = 0;
  while (bucket.take(start + seconds{100}) == milliseconds::zero()) ++taken;
  EXPECT_EQ(taken, 3);
}

}  // namespace
}  // namespace cvm::webhook
