// What slow peers and too many of them get, and how a drain ends connections.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/test_client.hpp"
#include "tests/unit/server/test_server.hpp"

namespace cvm::webhook {
namespace {

using std::chrono::milliseconds;

TEST(Deadline, EndsAHandshakeThatIsNotGoneOnWith) {
  Limits limits = short_limits();
  limits.handshake_timeout = milliseconds(100);
  TestServer server(limits);
  TestClient client(server.port, {.tls = false});
  client.send("\x16\x03\x01");  // the begin of a ClientHello
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(TestServer::eventually([&] { return server.counters.timeouts.value() == 1; }));
  EXPECT_EQ(server.counters.handshake_failures.value(), 1U);
}

TEST(Deadline, EndsARequestWhoseHeadDoesNotEnd) {
  Limits limits = short_limits();
  limits.header_timeout = milliseconds(1000);
  TestServer server(limits);
  TestClient client(server.port);
  client.send("GET / HTTP/1.1\r\n");
  // Bytes that keep coming do not put the deadline off.
  for (int number = 0; number < 5; ++number) {
    std::this_thread::sleep_for(milliseconds(10));
    client.send("X-Slow: 1\r\n");
  }
  const TestResponse response = client.receive();
  EXPECT_EQ(response.status, 408U);
  EXPECT_TRUE(response.closes());
  EXPECT_TRUE(client.is_closed());
}

TEST(Deadline, EndsARequestWhoseBodyDoesNotEnd) {
  Limits limits = short_limits();
  limits.body_timeout = milliseconds(100);
  TestServer server(limits);
  TestClient client(server.port);
  client.send("POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(client.receive().status, 408U);
  EXPECT_TRUE(client.is_closed());
  EXPECT_TRUE(TestServer::eventually([&] { return server.counters.timeouts.value() == 1; }));
}

TEST(Deadline, EndsAnIdleConnectionWithoutCountingIt) {
  Limits limits = short_limits();
  limits.idle_timeout = milliseconds(1000);
  TestServer server(limits);
  TestClient fresh(server.port), used(server.port);
  used.send(post("/mutate", "body"));
  EXPECT_EQ(used.receive().status, 200U);
  EXPECT_TRUE(fresh.is_closed());
  EXPECT_TRUE(used.is_closed());
  EXPECT_EQ(server.counters.timeouts.value(), 0U);
}

TEST(Deadline, EndsAConnectionWhoseAnswerIsNotRead) {
  Limits limits = short_limits();
  limits.write_timeout = milliseconds(100);
  TestServer server(limits);
  TestClient client(server.port);
  client.send(get("/big"));
  EXPECT_TRUE(TestServer::eventually([&] { return server.counters.timeouts.value() == 1; }));
  EXPECT_TRUE(TestServer::eventually([&] { return server.open_connections() == 0; }));
}

TEST(Deadline, DoesNotEndABusyConnection) {
  Limits limits = short_limits();
  limits.header_timeout = limits.body_timeout = limits.idle_timeout = milliseconds(1500);
  TestServer server(limits);
  TestClient client(server.port);
  for (int number = 0; number < 10; ++number) {
    client.send(post("/mutate", "body"));
    EXPECT_EQ(client.receive().body, "body");
    std::this_thread::sleep_for(milliseconds(170));
  }
}

TEST(ConnectionLimit, ClosesWhatIsOverIt) {
  Limits limits = short_limits();
  limits.max_connections = 2;
  TestServer server(limits);
  TestClient first(server.port);
  auto second = std::make_unique<TestClient>(server.port);
  EXPECT_THROW(TestClient third(server.port), std::runtime_error);
  EXPECT_EQ(server.service_counters.connections_rejected.value(), 1U);
  first.send(post("/mutate", "one of two"));
  EXPECT_EQ(first.receive().body, "one of two");

  second.reset();
  EXPECT_TRUE(TestServer::eventually([&] { return server.open_connections() == 1; }));
  TestClient fourth(server.port);
  fourth.send(post("/mutate", "in its place"));
  EXPECT_EQ(fourth.receive().body, "in its place");
}

TEST(Drain, AnswersAndEndsEachConnection) {
  TestServer server;
  TestClient client(server.port);
  client.send(post("/mutate", "before"));
  EXPECT_FALSE(client.receive().closes());
  server.worker().begin_drain();
  client.send(post("/mutate", "while"));
  const TestResponse response = client.receive();
  EXPECT_EQ(response.body, "while");
  EXPECT_TRUE(response.closes());
  EXPECT_TRUE(client.is_closed());
}

TEST(Drain, ClosesIdleConnectionsAndWaitsForTheOthers) {
  TestServer server;
  TestClient idle(server.port), busy(server.port);
  busy.send("POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo");
  EXPECT_TRUE(
      TestServer::eventually([&] { return server.counters.requests_in_flight.value() == 1; }));
  EXPECT_TRUE(TestServer::eventually([&] { return server.counters.handshakes.value() == 2; }));
  server.worker().begin_drain();
  server.worker().close_idle();
  EXPECT_TRUE(idle.is_closed());
  busy.send("dy");
  const TestResponse response = busy.receive();
  EXPECT_EQ(response.body, "body");
  EXPECT_TRUE(response.closes());
}

TEST(Worker, EndsEveryConnectionWhenItStops) {
  auto server = std::make_unique<TestServer>();
  TestClient idle(server->port), busy(server->port);
  busy.send("POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo");
  EXPECT_TRUE(
      TestServer::eventually([&] { return server->counters.requests_in_flight.value() == 1; }));
  server.reset();
  EXPECT_TRUE(idle.is_closed());
  EXPECT_TRUE(busy.is_closed());
}

}  // namespace
}  // namespace cvm::webhook
