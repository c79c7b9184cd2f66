// The client's side of HTTP and TLS: who it trusts, what it sends, what it refuses.
#include "webhook/kubernetes/api/api_connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <fstream>

#include "fake_api_server.hpp"
#include "webhook/kubernetes/reading/node_list.hpp"

namespace cvm::webhook {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

struct TestPki {
  certs::KeyPair ca, other_ca, server;
};

const TestPki& pki() {
  static const TestPki made = [] {
    const auto now = std::chrono::system_clock::now();
    TestPki result;
    result.ca = certs::issue_ca({}, now).value();
    result.other_ca = certs::issue_ca({}, now).value();
    certs::ServingOptions server;
    server.dns_names = {"kubernetes"};
    server.ip_addresses = {"127.0.0.1"};
    result.server = certs::issue_serving(result.ca, server, now).value();
    return result;
  }();
  return made;
}

void answer_with_one_node(const FakeRequest&, FakeExchange& exchange) {
  exchange.respond(200, list_json("1", {node_json("a", "1")}));
}

std::string error_of(const Result<std::vector<NodeFacts>>& result) {
  return result ? "no error" : result.error().message;
}

std::string list_error(FakeApiServer::Handler handler) {
  const FakeApiServer server(std::move(handler));
  return error_of(list_nodes(server.access()));
}

class TlsServer : public testing::Test {
 protected:
  TlsServer() : server_(answer_with_one_node, FakeApiServer::Tls{pki().server, ""}) {
    access_ = server_.access();
    access_.ca_pem = pki().ca.certificate_pem;
  }

  FakeApiServer server_;
  ClusterAccess access_;
};

TEST_F(TlsServer, IsTrustedByItsAddress) {
  const auto nodes = list_nodes(access_);
  ASSERT_TRUE(nodes) << error_of(nodes);
  EXPECT_EQ(nodes->at(0).name, "a");
}

TEST_F(TlsServer, IsTrustedByTheServerNameInsteadOfTheHost) {
  access_.server_name = "kubernetes";
  EXPECT_TRUE(list_nodes(access_));
  access_.server_name = "127.0.0.1";
  EXPECT_TRUE(list_nodes(access_));
}

TEST_F(TlsServer, IsRefusedWhenItIsAnother) {
  const std::string at =
      "no TLS with 127.0.0.1:" + server_.port() + ": its certificate is refused: ";
  access_.server_name = "other";
  EXPECT_EQ(error_of(list_nodes(access_)), at + "hostname mismatch");
  access_.server_name = "10.0.0.1";
  EXPECT_EQ(error_of(list_nodes(access_)), at + "IP address mismatch");
  access_.server_name = "";
  access_.ca_pem = pki().other_ca.certificate_pem;
  EXPECT_THAT(error_of(list_nodes(access_)), StartsWith(at));
  access_.ca_pem = "";  // the system's authorities
  EXPECT_EQ(error_of(list_nodes(access_)), at + "unable to get local issuer certificate");
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(TlsServer, IsNotVerifiedWhenSkippingIsAskedFor) {
  access_.ca_pem = "";
  access_.server_name = "other";
  access_.insecure_skip_tls_verify = true;
  EXPECT_TRUE(list_nodes(access_));
}

TEST_F(TlsServer, CertificateItselfMayBeTheAnchor) {
  access_.ca_pem = pki().server.certificate_pem;
  EXPECT_TRUE(list_nodes(access_));
}

TEST(ApiConnection, ShowsItsClientCertificate) {
  const FakeApiServer server(answer_with_one_node,
                             FakeApiServer::Tls{pki().server, pki().ca.certificate_pem});
  ClusterAccess access = server.access();
  access.ca_pem = pki().ca.certificate_pem;
  EXPECT_FALSE(list_nodes(access));
  EXPECT_TRUE(server.requests().empty());
  access.client_certificate_pem = pki().server.certificate_pem;
  access.client_key_pem = pki().server.key_pem;
  const auto nodes = list_nodes(access);
  EXPECT_TRUE(nodes) << error_of(nodes);
}

TEST(ApiConnection, PlainServerIsNoTlsServer) {
  const FakeApiServer server(answer_with_one_node);
  ClusterAccess access = server.access();
  access.tls = true;
  access.insecure_skip_tls_verify = true;
  EXPECT_THAT(error_of(list_nodes(access)), StartsWith("no TLS with 127.0.0.1:"));
}

TEST(ApiConnection, SendsItsTokenAndPathPrefix) {
  const FakeApiServer server(answer_with_one_node);
  ClusterAccess access = server.access();
  access.token = "abc";
  access.path_prefix = "/k8s/c";
  ASSERT_TRUE(list_nodes(access));
  EXPECT_EQ(server.requests().at(0).authorization, "Bearer abc");
  EXPECT_EQ(server.requests().at(0).target, "/k8s/c/api/v1/nodes?limit=500");
}

TEST(ApiConnection, ReadsItsTokenFileForEachConnection) {
  const FakeApiServer server(answer_with_one_node);
  const std::string file = testing::TempDir() + "cvm-token-" + server.port();
  ClusterAccess access = server.access();
  access.token_file = file;
  EXPECT_EQ(error_of(list_nodes(access)), "cannot open " + file + ": No such file or directory");
  std::ofstream(file) << "one\n";
  ASSERT_TRUE(list_nodes(access));
  std::ofstream(file) << "two";
  ASSERT_TRUE(list_nodes(access));
  std::remove(file.c_str());
  access.token = "spare";
  ASSERT_TRUE(list_nodes(access));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].authorization, "Bearer one");
  EXPECT_EQ(requests[1].authorization, "Bearer two");
  EXPECT_EQ(requests[2].authorization, "Bearer spare");
}

TEST(ApiConnection, RefusesRedirects) {
  EXPECT_THAT(list_error([](const FakeRequest&, FakeExchange& exchange) {
                exchange.respond(302, "", "Location: https://elsewhere/\r\n");
              }),
              HasSubstr(": 302 Reason: redirects are not followed; the server's own address is "
                        "expected, it names \"https://elsewhere/\""));
}

TEST(ApiConnection, TellsTheBeginningOfAnErrorThatIsNoStatus) {
  const std::string error = list_error([](const FakeRequest&, FakeExchange& exchange) {
    exchange.respond(502, "<html>\nbad gateway" + std::string(10'000, '.'));
  });
  EXPECT_THAT(error, HasSubstr(": 502 Reason: <html> bad gateway..."));
  EXPECT_LT(error.size(), 400U);
}

TEST(ApiConnection, RefusesWhatIsNoHttp) {
  for (const char* answer : {"garbage\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"}) {
    const std::string error = list_error([answer](const FakeRequest&, FakeExchange& exchange) {
      exchange.write(answer);
      exchange.drop();
    });
    EXPECT_THAT(error, HasSubstr("127.0.0.1:")) << answer;
  }
  EXPECT_THAT(list_error([](const FakeRequest&, FakeExchange& exchange) {
                exchange.write("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
                exchange.hold();
              }),
              HasSubstr("limit"));
}

TEST(ApiConnection, TruncationAtAnyByteIsAnError) {
  const std::string body = list_json("1", {node_json("a", "1")});
  const std::string raw =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  auto size = std::make_shared<std::atomic<std::size_t>>(0);
  const FakeApiServer server([raw, size](const FakeRequest&, FakeExchange& exchange) {
    exchange.write(std::string_view(raw).substr(0, *size));
    exchange.drop();
  });
  for (; *size < raw.size(); ++*size) {
    EXPECT_THAT(error_of(list_nodes(server.access())),
                HasSubstr("it closed the connection before the end of its answer"))
        << *size;
  }
  EXPECT_TRUE(list_nodes(server.access()));
}

TEST(ApiConnection, RefusesAListThatIsNone) {
  EXPECT_THAT(list_error([](const FakeRequest&, FakeExchange& exchange) {
                exchange.respond(200, "not json");
              }),
              HasSubstr("the list of nodes is not JSON"));
  EXPECT_THAT(list_error([](const FakeRequest&, FakeExchange& exchange) {
                exchange.respond(200, R"({"kind":"PodList"})");
              }),
              HasSubstr("expected a NodeList, found kind \"PodList\""));
  EXPECT_THAT(list_error([](const FakeRequest&, FakeExchange& exchange) {
                exchange.respond(200, R"({"kind":"NodeList","metadata":{}})");
              }),
              HasSubstr("the list of nodes has no metadata.resourceVersion"));
}

TEST(ApiConnection, ListTriesAgainWhenItGrewTooOld) {
  auto asked = std::make_shared<std::atomic<int>>(0);
  const FakeApiServer server([asked](const FakeRequest&, FakeExchange& exchange) {
    if (++*asked < 3) return exchange.respond(410, status_json(410, "too old"));
    exchange.respond(200, list_json("1", {node_json("a", "1")}));
  });
  EXPECT_TRUE(list_nodes(server.access()));
  EXPECT_THAT(list_error([](const FakeRequest&, FakeExchange& exchange) {
                exchange.respond(410, status_json(410, "too old"));
              }),
              HasSubstr(": 410 Reason: too old"));
}

boost::asio::awaitable<ApiResult<std::string>> get_once(std::shared_ptr<ApiConnection> api,
                                                        std::size_t limit) {
  const ApiResult<void> opened = co_await api->open();
  if (!opened) co_return opened.error();
  ApiResult<std::string> body = co_await api->get("/api", limit);
  co_return body;
}

std::string get_error(const ClusterAccess& access, const ApiLimits& limits, std::size_t limit) {
  boost::asio::io_context io;
  auto api = std::make_shared<ApiConnection>(io.get_executor(), access, limits);
  std::string text = "never done";
  boost::asio::co_spawn(io, get_once(api, limit),
                        [&](std::exception_ptr, ApiResult<std::string> body) {
                          text = body ? "no error" : body.error().message;
                        });
  io.run();
  return text;
}

boost::asio::awaitable<ApiResult<std::string>> apply_twice(std::shared_ptr<ApiConnection> api) {
  const ApiResult<void> opened = co_await api->open();
  if (!opened) co_return opened.error();
  const ApiResult<std::string> first = co_await api->apply("/api/v1/nodes/a?force=true", "{}", 100);
  if (!first) co_return first.error();
  ApiResult<std::string> second =
      co_await api->apply("/api/v1/nodes/b", "{\"kind\":\"Node\"}", 100);
  co_return second;
}

std::string apply_error(const ClusterAccess& access) {
  boost::asio::io_context io;
  auto api = std::make_shared<ApiConnection>(io.get_executor(), access, ApiLimits{});
  std::string text = "never done";
  boost::asio::co_spawn(io, apply_twice(api), [&](std::exception_ptr, ApiResult<std::string> body) {
    text = body ? "no error" : body.error().message;
  });
  io.run();
  return text;
}

TEST(ApiConnection, AppliesWithABodyOverOneConnection) {
  const FakeApiServer server([](const FakeRequest& request, FakeExchange& exchange) {
    exchange.respond(request.target == "/api/v1/nodes/b" ? 201 : 200, "{}");
  });
  EXPECT_EQ(apply_error(server.access()), "no error");
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].method, "PATCH");
  EXPECT_EQ(requests[0].target, "/api/v1/nodes/a?force=true");
  EXPECT_EQ(requests[0].content_type, "application/apply-patch+yaml");
  EXPECT_EQ(requests[0].body, "{}");
  EXPECT_EQ(requests[1].body, R"({"kind":"Node"})");
}

TEST(ApiConnection, SaysWhatAnApplyNeeds) {
  const FakeApiServer server([](const FakeRequest&, FakeExchange& exchange) {
    exchange.respond(403, status_json(403, "nodes is forbidden"));
  });
  EXPECT_EQ(apply_error(server.access()),
            "PATCH /api/v1/nodes/a?force=true from 127.0.0.1:" + server.port() +
                ": 403 Reason: nodes is forbidden; bind a ClusterRole with patch on nodes to this "
                "identity");
}

TEST(ApiConnection, LimitsTheSizeOfABody) {
  const FakeApiServer server([](const FakeRequest&, FakeExchange& exchange) {
    exchange.respond(200, std::string(1001, ' '));
  });
  EXPECT_EQ(get_error(server.access(), {}, 1001), "no error");
  EXPECT_THAT(get_error(server.access(), {}, 1000),
              HasSubstr("the response has more than 1000 bytes"));
}

TEST(ApiConnection, EachStepHasItsTimeLimit) {
  ApiLimits limits;
  limits.handshake = limits.response = limits.no_data = milliseconds{50};
  const std::string timeout = "The socket was closed due to a timeout";
  {
    const FakeApiServer server([](const FakeRequest&, FakeExchange& exchange) { exchange.hold(); });
    EXPECT_THAT(get_error(server.access(), limits, 1000),
                StartsWith("GET /api from 127.0.0.1:" + server.port() + ": " + timeout));
    // A server that speaks no TLS and waits for more of the client's.
    ClusterAccess access = server.access();
    access.tls = true;
    access.insecure_skip_tls_verify = true;
    EXPECT_THAT(get_error(access, limits, 1000), StartsWith("no TLS with 127.0.0.1:"));
  }
  const FakeApiServer server([](const FakeRequest&, FakeExchange& exchange) {
    exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
    exchange.hold();
  });
  EXPECT_THAT(get_error(server.access(), limits, 1000),
              StartsWith("reading from 127.0.0.1:" + server.port() + ": " + timeout));
}

TEST(ApiConnection, SaysWhoCannotBeReached) {
  ClusterAccess access;
  access.host = "127.0.0.1";
  {
    const FakeApiServer server(answer_with_one_node);
    access.port = server.port();
  }
  EXPECT_EQ(error_of(list_nodes(access)),
            "cannot connect to 127.0.0.1:" + access.port + ": Connection refused");
  access.host = "::1";
  EXPECT_THAT(error_of(list_nodes(access)),
              StartsWith("cannot connect to [::1]:" + access.port + ": "));
  access.host = "no-such-host.invalid";
  EXPECT_THAT(error_of(list_nodes(access)), StartsWith("cannot find no-such-host.invalid:"));
}

}  // namespace
}  // namespace cvm::webhook
