// Sessions over real sockets: HTTP, TLS, limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/test_client.hpp"
#include "tests/unit/server/test_server.hpp"

namespace cvm::webhook {
namespace {

using testing::HasSubstr;

TEST(Session, AnswersManyRequestsOnOneConnection) {
  TestServer server;
  TestClient client(server.port);
  for (int number = 0; number < 50; ++number) {
    const std::string body = "{\"number\":" + std::to_string(number) + "}";
    client.send(post("/mutate", body));
    const TestResponse response = client.receive();
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.body, body);
    EXPECT_FALSE(response.closes());
    EXPECT_EQ(response.fields.at("content-type"), "text/plain");
    EXPECT_THAT(response.fields.at("date"), HasSubstr("GMT"));
  }
  EXPECT_EQ(server.counters.accepted.value(), 1U);
  EXPECT_EQ(server.counters.handshakes.value(), 1U);
}

TEST(Session, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  TestClient client(server.port);
  std::string requests;
  for (int number = 0; number < 200; ++number) {
    requests += post("/mutate", "body " + std::to_string(number));
  }
  client.send(requests);
  for (int number = 0; number < 200; ++number) {
    EXPECT_EQ(client.receive().body, "body " + std::to_string(number));
  }
}

TEST(Session, AnswersOthersWhileAnErrandIsRun) {
  TestServer server;
  TestClient waiting(server.port), other(server.port);
  waiting.send(post("/errand", "first") + post("/mutate", "second"));
  other.send(post("/mutate", "at once"));
  EXPECT_EQ(other.receive().body, "at once");
  EXPECT_EQ(waiting.receive().body, "1 first") << "its body is as it was, and the errand ran once";
  EXPECT_EQ(waiting.receive().body, "second") << "in the order of the requests";
}

TEST(Session, EndsWhileAnErrandIsRun) {
  TestServer server;
  TestClient client(server.port);
  client.send(post("/errand", "body"));
  // The server stops while the errand may be under way; its thread must come to its end.
}

TEST(Session, ReadsARequestThatComesByteByByte) {
  TestServer server;
  TestClient client(server.port);
  for (const char byte : post("/mutate", "slowly")) client.send(std::string(1, byte));
  EXPECT_EQ(client.receive().body, "slowly");
}

TEST(Session, ReadsBodiesLargerThanItsBuffer) {
  TestServer server;
  TestClient client(server.port);
  for (const std::size_t size : {32'000U, 32'768U, 33'000U, 99'999U, 100'000U}) {
    const std::string body(size, 'b');
    client.send(post("/mutate", body));
    EXPECT_EQ(client.receive().body, body);
  }
}

TEST(Session, PutsChunksTogether) {
  TestServer server;
  TestClient client(server.port);
  client.send(
      "POST /mutate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=value\r\nhello\r\n1\r\n \r\n");
  client.send("5\r\nworld\r\n0\r\nTrailer: ignored\r\n\r\n" + post("/mutate", "next"));
  EXPECT_EQ(client.receive().body, "hello world");
  EXPECT_EQ(client.receive().body, "next");
}

TEST(Session, PutsManyChunksTogether) {
  TestServer server;
  TestClient client(server.port);
  std::string request = "POST /mutate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string body;
  for (int number = 0; number < 900; ++number) {
    const std::string chunk(100, static_cast<char>('a' + number % 26));
    body += chunk;
    request += "64\r\n" + chunk + "\r\n";
  }
  client.send(request + "0\r\n\r\n");
  EXPECT_EQ(client.receive().body, body);
}

TEST(Session, RefusesABodyOverTheLimitBeforeItIsSent) {
  TestServer server;
  TestClient client(server.port);
  client.send("POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n");
  const TestResponse response = client.receive();
  EXPECT_EQ(response.status, 413U);
  EXPECT_TRUE(response.closes());
  EXPECT_THAT(response.body, HasSubstr("at most 100000 bytes, found Content-Length 100001"));
  EXPECT_TRUE(client.is_closed());
}

TEST(Session, LetsThePeerReadTheRefusalOfABodyThatItGoesOnSending) {
  TestServer server;
  TestClient client(server.port);
  client.send(post("/mutate", std::string(2'000'000, 'b')));
  EXPECT_EQ(client.receive().status, 413U);
}

TEST(Session, RefusesChunksOverTheLimit) {
  TestServer server;
  TestClient client(server.port);
  std::string request = "POST /mutate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int number = 0; number < 11; ++number) {
    request += "2710\r\n" + std::string(10'000, 'c') + "\r\n";
  }
  client.send(request);
  EXPECT_EQ(client.receive().status, 413U);
}

TEST(Session, RefusesAHeadOverTheLimit) {
  TestServer server;
  for (const std::string& fields : {"Cookie: " + std::string(20'000, 'a') + "\r\n", [] {
                                      std::string many;
                                      for (int number = 0; number < 2000; ++number)
                                        many += "X-Field: value\r\n";
                                      return many;
                                    }()}) {
    TestClient client(server.port);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
    const TestResponse response = client.receive();
    EXPECT_EQ(response.status, 431U);
    EXPECT_TRUE(response.closes());
  }
}

TEST(Session, RefusesWhatIsNotHttp) {
  TestServer server;
  for (const char* text :
       {"hello\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/1.1\r\nbad field\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n"}) {
    TestClient client(server.port);
    client.send(text);
    const TestResponse response = client.receive();
    EXPECT_EQ(response.status, 400U) << text;
    EXPECT_THAT(response.body, HasSubstr("expected ")) << text;
    EXPECT_TRUE(response.closes()) << text;
    EXPECT_TRUE(client.is_closed()) << text;
  }
}

TEST(Session, GoesOnAfterARefusalWhoseBodyIsThere) {
  TestServer server;
  TestClient client(server.port);
  client.send(post("/missing", "body"));
  EXPECT_EQ(client.receive().status, 404U);
  client.send(post("/mutate", "next"));
  EXPECT_EQ(client.receive().body, "next");
  EXPECT_EQ(server.counters.refusals[1].value(), 1U);
}

TEST(Session, EndsAfterARefusalWhoseBodyIsNotThere) {
  TestServer server;
  TestClient client(server.port);
  client.send("POST /missing HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\npart");
  const TestResponse response = client.receive();
  EXPECT_EQ(response.status, 404U);
  EXPECT_TRUE(response.closes());
  EXPECT_TRUE(client.is_closed());
}

TEST(Session, AsksForTheBodyOfAPeerThatExpectsIt) {
  TestServer server;
  TestClient client(server.port);
  client.send(
      "POST /mutate HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100U);
  client.send("body");
  EXPECT_EQ(client.receive().body, "body");
}

TEST(Session, DoesNotAskForTheBodyOfWhatItRefuses) {
  TestServer server;
  TestClient client(server.port);
  client.send(
      "POST /missing HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.receive().status, 404U);
}

TEST(Session, EndsWhenThePeerAsksForIt) {
  TestServer server;
  TestClient client(server.port);
  client.send(post("/mutate", "last", "Connection: close\r\n"));
  EXPECT_TRUE(client.receive().closes());
  EXPECT_TRUE(client.is_closed());
}

TEST(Session, KeepsHttp10ConnectionsOnlyWhenAsked) {
  TestServer server;
  TestClient keeping(server.port);
  for (int number = 0; number < 2; ++number) {
    keeping.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(keeping.receive().fields.at("connection"), "keep-alive");
  }
  TestClient ending(server.port);
  ending.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(ending.receive().closes());
  EXPECT_TRUE(ending.is_closed());
}

TEST(Session, SendsNoBodyToHead) {
  TestServer server;
  TestClient client(server.port);
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.receive(true).fields.at("content-length"), "5");
  client.send(post("/mutate", "next"));
  EXPECT_EQ(client.receive().body, "next");
}

TEST(Session, WritesAnswersThatTheSocketTakesInParts) {
  TestServer server;
  TestClient client(server.port);
  client.send(get("/big"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(client.receive().body, std::string(8 << 20, 'x'));
  client.send(post("/mutate", "next"));
  EXPECT_EQ(client.receive().body, "next");
}

TEST(Session, EndsAloneWhenItsHandlerThrows) {
  TestServer server;
  TestClient client(server.port), other(server.port);
  client.send(get("/fault"));
  EXPECT_TRUE(client.is_closed());
  other.send(post("/mutate", "still here"));
  EXPECT_EQ(other.receive().body, "still here");
  EXPECT_TRUE(TestServer::eventually([&] { return server.open_connections() == 1; }));
}

TEST(Session, ServesPlainConnectionsWithoutTls) {
  TestServer server(short_limits(), false);
  TestClient client(server.port, {.tls = false});
  for (int number = 0; number < 3; ++number) {
    client.send(post("/mutate", "plain"));
    EXPECT_EQ(client.receive().body, "plain");
  }
  EXPECT_EQ(server.counters.handshakes.value(), 0U);
}

TEST(Session, SpeaksTls12And13AndNothingOlder) {
  TestServer server;
  EXPECT_EQ(TestClient(server.port, {.version = TLS1_2_VERSION}).tls_version(), "TLSv1.2");
  EXPECT_EQ(TestClient(server.port, {.version = TLS1_3_VERSION}).tls_version(), "TLSv1.3");
  EXPECT_THROW(TestClient(server.port, {.version = TLS1_1_VERSION}), std::runtime_error);
  EXPECT_TRUE(
      TestServer::eventually([&] { return server.counters.handshake_failures.value() == 1; }));
}

TEST(Session, AgreesOnHttp11OnlyByAlpn) {
  TestServer server;
  EXPECT_EQ(TestClient(server.port, {.alpn = "http/1.1"}).alpn(), "http/1.1");
  EXPECT_THROW(TestClient(server.port, {.alpn = "h2"}), std::runtime_error);
}

TEST(Session, ProvesItsNameByItsCertificate) {
  TestServer server;
  EXPECT_NO_THROW(TestClient(server.port, {.ca_pem = server.certificates.ca.certificate_pem}));
  EXPECT_THROW(TestClient(server.port, {.ca_pem = make_certificates().ca.certificate_pem}),
               std::runtime_error);
}

TEST(Session, TellsPlainHttpThatTlsIsExpected) {
  TestServer server;
  TestClient client(server.port, {.tls = false});
  client.send(get("/healthz"));
  const TestResponse response = client.receive();
  EXPECT_EQ(response.status, 400U);
  EXPECT_EQ(response.body, "expected HTTPS on this port, found HTTP\n");
}

TEST(Session, CountsRequestsInFlightAndConnections) {
  TestServer server;
  {
    TestClient client(server.port);
    client.send("POST /mutate HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbo");
    EXPECT_TRUE(
        TestServer::eventually([&] { return server.counters.requests_in_flight.value() == 1; }));
    client.send("dy");
    EXPECT_EQ(client.receive().body, "body");
    EXPECT_TRUE(
        TestServer::eventually([&] { return server.counters.requests_in_flight.value() == 0; }));
    EXPECT_EQ(server.counters.open.value(), 1U);
    client.send("POST /mutate HTTP/1.1\r\n");  // and goes away
  }
  EXPECT_TRUE(TestServer::eventually([&] { return server.counters.open.value() == 0; }));
  EXPECT_EQ(server.counters.requests_in_flight.value(), 0U);
}

}  // namespace
}  // namespace cvm::webhook
