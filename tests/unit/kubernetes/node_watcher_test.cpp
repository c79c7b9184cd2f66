// List and watch against a fake API server: pages, events, bookmarks, and all that goes wrong.
#include "webhook/kubernetes/watchers/node_watcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "fake_api_server.hpp"
#include "watching.hpp"

namespace cvm::webhook {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// Answers lists with one node "a" at version 10, or as told, and watches one after the other with
// the given scripts; the last watch of all is held open.
class Script {
 public:
  using Watch = std::function<void(FakeExchange&)>;

  explicit Script(std::vector<Watch> watches) : watches_(std::move(watches)) {}

  void operator()(const FakeRequest& request, FakeExchange& exchange) {
    if (!request.is_watch) {
      const int number = ++*lists_;
      const std::string kernel = number == 1 ? "1" : "list" + std::to_string(number);
      exchange.respond(200, list_json(std::to_string(10 * number), {node_json("a", "9", kernel)}));
      return;
    }
    const std::size_t number = (*watch_count_)++;
    if (number < watches_.size()) return watches_[number](exchange);
    exchange.start_stream();
    exchange.hold();
  }

 private:
  std::vector<Watch> watches_;
  std::shared_ptr<std::atomic<int>> lists_ = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<std::atomic<std::size_t>> watch_count_ =
      std::make_shared<std::atomic<std::size_t>>(0);
};

std::vector<std::string> watch_targets(const FakeApiServer& server) {
  std::vector<std::string> targets;
  for (const FakeRequest& request : server.requests()) {
    if (request.is_watch) targets.push_back(request.target);
  }
  return targets;
}

std::string watch_from(const std::string& version) {
  return "/api/v1/nodes?watch=true&allowWatchBookmarks=true&resourceVersion=" + version +
         "&timeoutSeconds=240";
}

bool wait_for_watches(Watching& watching, const FakeApiServer& server, std::size_t count) {
  return watching.wait_until([&] { return watch_targets(server).size() >= count; });
}

TEST(NodeWatcher, ListsAllPagesWithOneContinueTokenAfterTheOther) {
  FakeApiServer server([](const FakeRequest& request, FakeExchange& exchange) {
    if (request.is_watch) {
      exchange.start_stream();
      exchange.hold();
    } else if (request.target == "/api/v1/nodes?limit=500") {
      exchange.respond(200, list_json("7", {node_json("c", "1"), node_json("a", "2")}, "t/1+="));
    } else if (request.target == "/api/v1/nodes?limit=500&continue=t%2F1%2B%3D") {
      exchange.respond(200, list_json("8", {node_json("b", "3")}));
    } else {
      exchange.respond(404, "");
    }
  });
  Watching watching(server.access());
  EXPECT_TRUE(watching.wait_for_nodes("a=6.8.0 b=6.8.0 c=6.8.0"));
  // From the first page's version: the second's could be later than what the first page shows.
  ASSERT_TRUE(wait_for_watches(watching, server, 1));
  EXPECT_EQ(watch_targets(server)[0], watch_from("7"));
  EXPECT_TRUE(watching.status().synced);
  EXPECT_TRUE(watching.status().confirmed_at.has_value());
  EXPECT_EQ(watching.status().lists, 1U);
  EXPECT_EQ(watching.errors(), "");
}

TEST(NodeWatcher, EmptyClusterIsSyncedAndHandedOn) {
  FakeApiServer server([](const FakeRequest&, FakeExchange& exchange) {
    exchange.respond(200, R"({"kind":"NodeList","metadata":{"resourceVersion":"1"},"items":null})");
    exchange.hold();
  });
  Watching watching(server.access());
  EXPECT_TRUE(watching.wait_for_nodes(""));
}

TEST(NodeWatcher, AppliesEventsInTheirOrder) {
  FakeApiServer server(Script({[](FakeExchange& exchange) {
    exchange.start_stream();
    exchange.send_chunk(event_json("ADDED", node_json("b", "11", "2")) +
                        event_json("MODIFIED", node_json("a", "12", "3")));
    exchange.send_chunk(event_json("DELETED", node_json("b", "13", "2")) +
                        event_json("ADDED", node_json("c", "14", "4")));
    exchange.hold();
  }}));
  Watching watching(server.access());
  EXPECT_TRUE(watching.wait_for_nodes("a=3 c=4"));
  EXPECT_EQ(watching.status().events, 4U);
}

TEST(NodeWatcher, ReadsEventsThatComeByteByByte) {
  FakeApiServer server(Script({[](FakeExchange& exchange) {
    exchange.start_stream();
    const std::string events = event_json("ADDED", node_json("b", "11", "2")) +
                               event_json("DELETED", node_json("a", "12"));
    for (const char c : events) exchange.send_chunk(std::string(1, c));
    exchange.hold();
  }}));
  Watching watching(server.access());
  EXPECT_TRUE(watching.wait_for_nodes("b=2"));
}

TEST(NodeWatcher, ReadsAResponseWhoseEveryByteIsWrittenAlone) {
  FakeApiServer server([](const FakeRequest& request, FakeExchange& exchange) {
    const std::string body = list_json("5", {node_json("a", "1")});
    std::string raw = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    if (request.is_watch) {
      const std::string event = event_json("ADDED", node_json("b", "6"));
      char size[32];
      std::snprintf(size, sizeof size, "%zx\r\n", event.size());
      raw += size + event + "\r\n";
    } else {
      raw = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    for (const char c : raw) exchange.write(std::string_view(&c, 1));
    exchange.hold();
  });
  Watching watching(server.access());
  EXPECT_TRUE(watching.wait_for_nodes("a=6.8.0 b=6.8.0"));
}

TEST(NodeWatcher, HeartbeatThatChangesNoFactIsNotHandedOnButConfirms) {
  FakeApiServer server(Script({[](FakeExchange& exchange) {
    exchange.start_stream();
    for (int i = 0; i < 5; ++i) {
      exchange.send_chunk(
          event_json("MODIFIED", node_json("a", std::to_string(11 + i), "1", std::to_string(i))));
    }
    exchange.hold();
  }}));
  NodeWatchTuning tuning = quick_tuning();
  auto ticks = std::make_shared<std::atomic<int>>(0);
  tuning.now = [ticks] {
    return std::chrono::steady_clock::time_point{std::chrono::seconds{++*ticks}};
  };
  Watching watching(server.access(), tuning);
  EXPECT_TRUE(watching.wait_until([&] { return watching.status().events == 5; }));
  EXPECT_EQ(watching.calls(), 1U);
  // One by the list, five by the events.
  EXPECT_EQ(watching.status().confirmed_at->time_since_epoch(), std::chrono::seconds{6});
}

TEST(NodeWatcher, BringsChangesWithinTheIntervalTogether) {
  FakeApiServer server(Script({[](FakeExchange& exchange) {
    exchange.start_stream();
    for (int i = 1; i <= 200; ++i) {
      exchange.send_chunk(
          event_json("MODIFIED", node_json("a", std::to_string(10 + i), std::to_string(i))));
    }
    exchange.hold();
  }}));
  Watching watching(server.access(), quick_tuning(), milliseconds{400});
  EXPECT_TRUE(watching.wait_for_nodes("a=200"));
  EXPECT_LE(watching.calls(), 10U);  // two, unless the machine needs seconds for 200 events
  EXPECT_EQ(watching.status().events, 200U);
}

TEST(NodeWatcher, GoesOnFromTheLastVersionWhenTheConnectionDrops) {
  FakeApiServer server(Script({[](FakeExchange& exchange) {
                                 exchange.start_stream();
                                 exchange.send_chunk(event_json("ADDED", node_json("b", "15")));
                                 exchange.drop();
                               },
                               [](FakeExchange& exchange) {
                                 exchange.start_stream();
                                 exchange.send_chunk(bookmark_json("20"));
                                 const std::string event =
                                     event_json("DELETED", node_json("a", "21"));
                                 exchange.send_chunk(event.substr(0, event.size() / 2));
                                 exchange.drop();
                               },
                               [](FakeExchange& exchange) {
                                 exchange.start_stream();
                                 exchange.send_chunk(event_json("DELETED", node_json("b", "22")));
                                 exchange.hold();
                               }}));
  Watching watching(server.access());
  ASSERT_TRUE(wait_for_watches(watching, server, 3));
  // The event that was cut in two did not count.
  EXPECT_TRUE(watching.wait_until([&] { return watching.status().events == 3; }));
  EXPECT_TRUE(watching.wait_for_nodes("a=1"));
  const auto targets = watch_targets(server);
  ASSERT_EQ(targets.size(), 3U);
  EXPECT_EQ(targets[1], watch_from("15"));
  EXPECT_EQ(targets[2], watch_from("20"));
  EXPECT_EQ(watching.status().lists, 1U);
  EXPECT_EQ(watching.status().errors, 2U);
  EXPECT_EQ(watching.status().last_error, "");
}

TEST(NodeWatcher, GoesOnWithoutAnErrorWhenAWatchEndsInItsTime) {
  FakeApiServer server(Script({[](FakeExchange& exchange) {
    exchange.start_stream();
    exchange.send_chunk(bookmark_json("33"));
    exchange.end_stream();
  }}));
  Watching watching(server.access());
  ASSERT_TRUE(wait_for_watches(watching, server, 2));
  EXPECT_EQ(watch_targets(server)[1], watch_from("33"));
  EXPECT_EQ(watching.errors(), "");
}

TEST(NodeWatcher, WaitsWhenTheServerEndsWatchesAtOnce) {
  const Script::Watch at_once = [](FakeExchange& exchange) {
    exchange.start_stream();
    exchange.end_stream();
  };
  FakeApiServer server(Script({at_once}));
  Watching watching(server.access());
  EXPECT_TRUE(watching.wait_for_error("the API server ended a watch of nodes at once; next"));
  EXPECT_TRUE(wait_for_watches(watching, server, 2));
}

TEST(NodeWatcher, ListsAnewWhenTheVersionIsTooOld) {
  const std::vector<Script::Watch> ways = {
      [](FakeExchange& exchange) { exchange.respond(410, status_json(410, "too old")); },
      [](FakeExchange& exchange) {
        exchange.start_stream();
        exchange.send_chunk(event_json("ERROR", status_json(410, "too old")));
        exchange.hold();
      }};
  for (const Script::Watch& way : ways) {
    FakeApiServer server{Script({way})};
    Watching watching(server.access());
    EXPECT_TRUE(watching.wait_for_nodes("a=list2"));
    ASSERT_TRUE(wait_for_watches(watching, server, 2));
    EXPECT_EQ(watch_targets(server)[1], watch_from("20"));
    EXPECT_THAT(watching.errors(), HasSubstr("too old"));
  }
}

TEST(NodeWatcher, BeginsTheListAgainWhenItGrowsTooOldBetweenPages) {
  auto gone = std::make_shared<std::atomic<bool>>(false);
  FakeApiServer server([gone](const FakeRequest& request, FakeExchange& exchange) {
    if (request.is_watch) {
      exchange.start_stream();
      exchange.hold();
    } else if (request.target.find("continue") == std::string::npos) {
      exchange.respond(200, list_json(*gone ? "9" : "5", {node_json("a", "1")}, "next"));
    } else if (!gone->exchange(true)) {
      exchange.respond(410, status_json(410, "The provided continue parameter is too old"));
    } else {
      exchange.respond(200, list_json("9", {node_json("b", "1")}));
    }
  });
  Watching watching(server.access());
  EXPECT_TRUE(watching.wait_for_nodes("a=6.8.0 b=6.8.0"));
  EXPECT_EQ(watching.calls(), 1U);
  ASSERT_TRUE(wait_for_watches(watching, server, 1));
  EXPECT_EQ(watch_targets(server)[0], watch_from("9"));
}

TEST(NodeWatcher, ListsAnewWhenAnEventCannotBeUsed) {
  struct Case {
    std::string line, error;
  };
  for (const Case& c :
       {Case{"garbage\n", "expected a watch event, found \"garbage\""},
        Case{event_json("SOMETHING", node_json("a", "1")), "found the event type \"SOMETHING\""},
        Case{event_json("ERROR", status_json(500, "etcd is away")), "500 etcd is away"},
        Case{std::string(5000, 'x'), "a watch event has more than 4000 bytes"}}) {
    FakeApiServer server{Script({[&](FakeExchange& exchange) {
      exchange.start_stream();
      exchange.send_chunk(c.line);
      exchange.hold();
    }})};
    NodeWatchTuning tuning = quick_tuning();
    tuning.line_limit = 4000;
    Watching watching(server.access(), tuning);
    EXPECT_TRUE(watching.wait_for_nodes("a=list2")) << c.error;
    EXPECT_THAT(watching.errors(), HasSubstr(c.error));
  }
}

TEST(NodeWatcher, ListsAnewAfterThreeWatchesThatFail) {
  const Script::Watch busy = [](FakeExchange& exchange) {
    exchange.respond(504, status_json(504, "Too large resource version"));
  };
  FakeApiServer server(Script({busy, busy, busy}));
  Watching watching(server.access());
  EXPECT_TRUE(watching.wait_for_nodes("a=list2"));
  EXPECT_EQ(watching.status().errors, 3U);
}

TEST(NodeWatcher, LeavesOutANodeThatCannotBeReadAndSaysWhy) {
  const std::string bad = R"({"metadata":{"name":"bad","resourceVersion":"3","labels":7}})";
  FakeApiServer server([&](const FakeRequest& request, FakeExchange& exchange) {
    if (request.is_watch) {
      exchange.start_stream();
      exchange.send_chunk(event_json("ADDED", node_json("b", "6")) + event_json("MODIFIED", bad) +
                          event_json("ADDED", node_json("c", "7")));
      return exchange.hold();
    }
    exchange.respond(200, list_json("5", {node_json("a", "1"), bad}));
  });
  Watching watching(server.access());
  EXPECT_TRUE(watching.wait_for_nodes("a=6.8.0 b=6.8.0 c=6.8.0"));
  EXPECT_THAT(watching.errors(),
              HasSubstr("node bad: metadata.labels: expected an object, found a number; it is left "
                        "out"));
}

TEST(NodeWatcher, RetriesSlowlyAndSaysWhatToDoWhenItMayNotList) {
  for (const int status : {401, 403}) {
    FakeApiServer server([status](const FakeRequest&, FakeExchange& exchange) {
      exchange.respond(status,
                       status_json(status, "nodes is forbidden: User \\\"x\\\" cannot list"));
    });
    NodeWatchTuning tuning = quick_tuning();
    tuning.unauthorized_delay = milliseconds{100'000};
    Watching watching(server.access(), tuning);
    ASSERT_TRUE(watching.wait_for_error("next attempt in"));
    const std::string error = watching.errors();
    EXPECT_THAT(error, HasSubstr("GET /api/v1/nodes?limit=500 from 127.0.0.1:" + server.port() +
                                 ": " + std::to_string(status) +
                                 " Reason: nodes is forbidden: User \"x\" cannot list; "));
    EXPECT_THAT(
        error,
        HasSubstr(status == 401 ? "renew it" : "bind a ClusterRole with list and watch on nodes"));
    const std::size_t at = error.find("next attempt in ") + 16;
    EXPECT_GE(std::stoi(error.substr(at)), 50'000);
    EXPECT_LE(std::stoi(error.substr(at)), 100'000);
    EXPECT_FALSE(watching.status().synced);
    EXPECT_THAT(watching.status().last_error, HasSubstr("cannot list"));
    EXPECT_EQ(server.requests().size(), 1U);
  }
}

TEST(NodeWatcher, IsSoonBackWhenAServerThatStartsRefusesItForAMoment) {
  const auto refuse = [](FakeExchange& exchange) {
    exchange.respond(403, status_json(403, "RBAC: clusterrole.rbac not found"));
  };
  FakeApiServer server(Script({refuse, refuse}));
  NodeWatchTuning tuning = quick_tuning();
  tuning.unauthorized_delay = std::chrono::hours{1};
  Watching watching(server.access(), tuning);
  ASSERT_TRUE(watching.wait_for_nodes("a=1"));
  EXPECT_TRUE(wait_for_watches(watching, server, 3));
  EXPECT_THAT(watching.errors(), HasSubstr("not found"));
}

TEST(NodeWatcher, KeepsItsNodesWhileTheServerIsAway) {
  auto server = std::make_unique<FakeApiServer>(Script({}));
  Watching watching(server->access());
  ASSERT_TRUE(watching.wait_for_nodes("a=1"));
  ASSERT_TRUE(wait_for_watches(watching, *server, 1));
  server.reset();
  EXPECT_TRUE(watching.wait_for_error("cannot connect to 127.0.0.1:"));
  EXPECT_EQ(watching.nodes(), "a=1");
  EXPECT_TRUE(watching.status().synced);
  EXPECT_THAT(watching.status().last_error, HasSubstr("127.0.0.1:"));
}

TEST(NodeWatcher, SilentWatchIsTakenUpAnew) {
  FakeApiServer server(Script({[](FakeExchange& exchange) {
    exchange.start_stream();
    exchange.hold();
  }}));
  NodeWatchTuning tuning = quick_tuning();
  tuning.limits.no_data = milliseconds{50};
  Watching watching(server.access(), tuning);
  EXPECT_TRUE(wait_for_watches(watching, server, 2));
  EXPECT_THAT(watching.errors(), HasSubstr("The socket was closed due to a timeout"));
}

TEST(NodeWatcher, StopEndsItWhateverItDoes) {
  const std::vector<FakeApiServer::Handler> states = {
      Script({}),                                                           // in a silent watch
      [](const FakeRequest&, FakeExchange& exchange) { exchange.hold(); },  // waiting for a header
      [](const FakeRequest&, FakeExchange& exchange) {                      // waiting to try again
        exchange.respond(403, "{}");
      }};
  for (const auto& state : states) {
    FakeApiServer server(state);
    NodeWatchTuning tuning = quick_tuning();
    tuning.unauthorized_delay = std::chrono::hours{1};
    Watching watching(server.access(), tuning);
    ASSERT_TRUE(watching.wait_until([&] { return !server.requests().empty(); }));
    watching.stop();  // hangs when it does not
    const std::size_t calls = watching.calls();
    EXPECT_LE(calls, 1U);
  }
}

TEST(NodeWatcher, StopBeforeStartAndTwiceIsFine) {
  boost::asio::io_context io;
  int calls = 0;
  NodeWatcher watcher(
      io.get_executor(), {}, [&](const std::shared_ptr<const NodeCatalog>&) { ++calls; },
      [](bool, const std::string&) {});
  watcher.stop();
  watcher.start();
  watcher.stop();
  io.run();
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(watcher.status().errors, 0U);
}

}  // namespace
}  // namespace cvm::webhook
