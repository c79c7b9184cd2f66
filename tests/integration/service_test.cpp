// The whole service in this process: real sockets, files, decisions, signals left out.
#include "webhook/server/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tests/unit/server/test_client.hpp"
#include "tests/unit/server/test_server.hpp"

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr const char* kSettings = "apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\n";

std::string recording(const std::string& name) {
  std::ifstream file(CVM_SOURCE_DIR "/tests/data/recordings/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() : directory(testing::TempDir() + "/service." + std::to_string(getpid())) {
    fs::remove_all(directory);
    fs::create_directory(directory);
    write("settings.yaml", kSettings);
    write("nodes.yaml",
          "{kind: Node, apiVersion: v1, metadata: {name: a, labels: {kubernetes.io/arch: amd64}}, "
          "status: {nodeInfo: {architecture: "
          "amd64, operatingSystem: linux, osImage: Ubuntu 22.04.5 LTS, kernelVersion: "
          "6.8.0-48-generic, kubeletVersion: v1.34.2, containerRuntimeVersion: "
          "\"containerd://2.0.5\"}}}\n");
    write_certificates(certificates);
    log = std::fopen((directory + "/log").c_str(), "w+");
    options.settings_file = directory + "/settings.yaml";
    options.nodes_file = directory + "/nodes.yaml";
    options.tls_certificate_file = directory + "/tls.crt";
    options.tls_key_file = directory + "/tls.key";
    options.listen = options.ops_listen = "127.0.0.1:0";
    options.threads = 2;
    options.log_descriptor = fileno(log);
    options.reload_interval = milliseconds(20);
    options.drain_delay = milliseconds(100);
    options.drain_timeout = milliseconds(5000);
    options.limits.sweep_interval = milliseconds(20);
  }

  ~ServiceTest() override {
    if (service) stop();
    std::fclose(log);
    fs::remove_all(directory);
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory + "/new") << text;
    fs::rename(directory + "/new", directory + "/" + name);
  }
  void write_certificates(const TestCertificates& made) {
    write("tls.crt", made.serving.certificate_pem);
    write("tls.key", made.serving.key_pem);
  }

  void start() {
    service = std::make_unique<Service>(options);
    port = service->address().port();
    ops_port = service->ops_address().port();
    finished = std::async(std::launch::async, [this] { return service->run(); });
  }

  // Drains; the exit code.
  int stop() {
    service->drain();
    const int code = finished.get();
    service.reset();
    return code;
  }

  nlohmann::json call(TestClient& client, const std::string& path, const std::string& body) {
    client.send(post(path, body));
    const TestResponse response = client.receive();
    EXPECT_EQ(response.status, 200U) << response.body;
    return nlohmann::json::parse(response.body)["response"];
  }
  TestResponse ops(const std::string& path) {
    TestClient client(ops_port, {.tls = false});
    client.send(get(path));
    return client.receive();
  }
  double metric(const std::string& name) {
    std::istringstream text(ops("/metrics").body);
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with(name + " ")) return std::stod(line.substr(name.size() + 1));
    }
    return -1;
  }
  std::vector<std::string> log_lines() {
    std::ifstream file(directory + "/log");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  const std::string directory;
  const TestCertificates certificates = make_certificates();
  const std::string review = recording("05-mutate-pod-create-workspace.json");
  ServeOptions options;
  std::FILE* log = nullptr;
  std::unique_ptr<Service> service;
  std::future<int> finished;
  unsigned short port = 0, ops_port = 0;
};

TEST_F(ServiceTest, DecidesAndTellsItInLogAndMetrics) {
  start();
  TestClient client(port, {.ca_pem = certificates.ca.certificate_pem});
  EXPECT_TRUE(call(client, "/mutate?timeout=5s", review)["allowed"].get<bool>());
  EXPECT_FALSE(call(client, "/validate?timeout=5s", review)["allowed"].get<bool>());
  client.send(post("/mutate", "{\"secret\": \"hunter2\"}"));
  EXPECT_EQ(client.receive().status, 400U);

  EXPECT_EQ(metric("cvm_webhook_requests_total{endpoint=\"mutate\",decision=\"admitted\","
                   "code=\"200\"}"),
            1);
  EXPECT_GE(metric("cvm_webhook_findings_total{rule=\"plan-incomplete\",action=\"deny\"}"), 1);
  EXPECT_EQ(metric("cvm_webhook_nodes"), 1);
  EXPECT_EQ(metric("cvm_webhook_tls_handshakes_total"), 1);
  EXPECT_EQ(stop(), 0);

  int decisions = 0;
  for (const std::string& text : log_lines()) {
    const auto line = nlohmann::json::parse(text);
    ASSERT_TRUE(line.contains("time") && line.contains("level") && line.contains("msg")) << text;
    // Of pods only their names are told.
    EXPECT_EQ(text.find("image"), std::string::npos) << text;
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
    if (line["msg"] != "decision") continue;
    ++decisions;
    EXPECT_EQ(line["uid"], "44b96980-3c43-471d-aae9-26e56dca32e0");
    EXPECT_EQ(line["operation"], "CREATE");
    EXPECT_EQ(line["resource"], "pods");
    EXPECT_EQ(line["namespace"], "default");
    EXPECT_EQ(line["name"], "alice-dev");
    EXPECT_EQ(line["user"], "admin");
    EXPECT_EQ(line["cvm"], true);
    EXPECT_EQ(line["dryRun"], false);
    EXPECT_EQ(line["allowed"], line["endpoint"] == "mutate");
    EXPECT_EQ(line["patched"], line["endpoint"] == "mutate");
    EXPECT_EQ(line["rules"], line["endpoint"] == "mutate" ? "" : "plan-incomplete=deny");
    EXPECT_TRUE(line["durationUs"].is_number_integer());
  }
  EXPECT_EQ(decisions, 2);
}

TEST_F(ServiceTest, KeepsAdmissionOffThePlainPort) {
  start();
  TestClient client(ops_port, {.tls = false});
  for (const char* path : {"/mutate", "/validate"}) {
    client.send(post(path, review));
    EXPECT_EQ(client.receive().status, 404U) << path;
  }
  EXPECT_EQ(ops("/healthz").status, 200U);
  EXPECT_EQ(ops("/readyz").body, "ok\n");
  EXPECT_THAT(ops("/readyz?verbose").body, HasSubstr("[+]nodes ok: 1 nodes"));
}

TEST_F(ServiceTest, TakesChangedSettingsWhileCallsGoOn) {
  start();
  TestClient client(port);
  for (const char* name : {"first", "second", "third"}) {
    write("settings.yaml",
          std::string(kSettings) + "enabled: true\nruntimeClassName: " + name + "\n");
    const auto has_name = [&] {
      const auto response = call(client, "/mutate", review);
      EXPECT_TRUE(response["allowed"].get<bool>());
      std::string patch(response["patch"].get<std::string>());
      std::string decoded(patch.size(), '\0');
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                      reinterpret_cast<const unsigned char*>(patch.data()),
                      static_cast<int>(patch.size()));
      return decoded.find(name) != std::string::npos;
    };
    EXPECT_TRUE(TestServer::eventually(has_name)) << name;
  }
  EXPECT_TRUE(TestServer::eventually([&] {
    return metric("cvm_webhook_reloads_total{file=\"settings\",result=\"success\"}") == 3;
  }));
}

TEST_F(ServiceTest, KeepsTheOldSettingsWhenTheNewAreBad) {
  start();
  write("settings.yaml", std::string(kSettings) + "runtimeClasName: x\n");
  EXPECT_TRUE(TestServer::eventually(
      [&] { return ops("/readyz?verbose").body.find("runtimeClasName") != std::string::npos; }));
  EXPECT_EQ(ops("/readyz").status, 200U);
  EXPECT_EQ(metric("cvm_webhook_reloads_total{file=\"settings\",result=\"failure\"}"), 1);
  TestClient client(port);
  EXPECT_TRUE(call(client, "/mutate", review)["allowed"].get<bool>());
  write("settings.yaml", kSettings);
  EXPECT_TRUE(TestServer::eventually(
      [&] { return ops("/readyz?verbose").body.find("runtimeClasName") == std::string::npos; }));
}

TEST_F(ServiceTest, TakesANewCertificateWhileCallsGoOn) {
  start();
  std::atomic<bool> over = false;
  std::atomic<int> calls = 0;
  auto caller = std::async(std::launch::async, [&] {
    TestClient kept(port, {.ca_pem = certificates.ca.certificate_pem});
    while (!over) {
      EXPECT_TRUE(call(kept, "/mutate", review)["allowed"].get<bool>());
      TestClient fresh(port, {.ca_pem = certificates.ca.certificate_pem});
      EXPECT_TRUE(call(fresh, "/mutate", review)["allowed"].get<bool>());
      ++calls;
    }
  });
  for (int number = 0; number < 3; ++number) {
    const std::string before = TestClient(port).certificate_serial();
    write_certificates(make_certificates(&certificates.ca));
    EXPECT_TRUE(
        TestServer::eventually([&] { return TestClient(port).certificate_serial() != before; }));
  }
  EXPECT_TRUE(TestServer::eventually([&] { return calls > 5; }));
  over = true;
  caller.get();
}

TEST_F(ServiceTest, KeepsTheOldCertificateWhenTheNewHasAnotherKey) {
  start();
  const std::string before = TestClient(port).certificate_serial();
  write("tls.crt", make_certificates().serving.certificate_pem);
  EXPECT_TRUE(TestServer::eventually([&] {
    return metric("cvm_webhook_reloads_total{file=\"certificate\",result=\"failure\"}") == 1;
  }));
  EXPECT_EQ(TestClient(port).certificate_serial(), before);
  EXPECT_EQ(ops("/readyz").status, 200U);
  EXPECT_THAT(ops("/readyz?verbose").body, HasSubstr("[+]certificate ok: valid until"));
}

TEST_F(ServiceTest, TakesChangedNodes) {
  start();
  write("nodes.yaml",
        "{kind: Node, apiVersion: v1, metadata: {name: a, labels: "
        "{kubernetes.io/arch: amd64, feature.node.kubernetes.io/kernel-selinux.enabled: "
        "\"true\"}}, status: {nodeInfo: "
        "{architecture: amd64, operatingSystem: linux, osImage: Rocky Linux 9.4, kernelVersion: "
        "6.8.0-48-generic, kubeletVersion: v1.34.2}}}\n");
  TestClient client(port);
  EXPECT_TRUE(TestServer::eventually(
      [&] { return !call(client, "/mutate", review)["allowed"].get<bool>(); }));
  EXPECT_THAT(call(client, "/mutate", review)["status"]["message"].get<std::string>(),
              HasSubstr("cvm/node-selinux"));
}

TEST_F(ServiceTest, DrainsWithoutFailingACall) {
  options.drain_delay = milliseconds(2000);
  start();
  TestClient idle(port), kept(port), busy(port);
  EXPECT_TRUE(call(kept, "/mutate", review)["allowed"].get<bool>());
  const std::string request = post("/mutate", review);
  busy.send(request.substr(0, 1000));
  service->drain();
  EXPECT_TRUE(TestServer::eventually([&] { return ops("/readyz").status == 503; }));
  EXPECT_EQ(ops("/healthz").status, 200U);

  // While others learn of it: new and kept connections are served, each for the last time.
  TestClient late(port);
  for (TestClient* client : {&kept, &late}) {
    client->send(request);
    const TestResponse response = client->receive();
    EXPECT_EQ(response.status, 200U);
    EXPECT_TRUE(response.closes());
    EXPECT_TRUE(client->is_closed());
  }
  EXPECT_TRUE(idle.is_closed());
  EXPECT_THROW(TestClient(port).send("x"), std::runtime_error) << "no longer listening";
  busy.send(request.substr(1000));
  EXPECT_EQ(busy.receive().status, 200U);
  EXPECT_EQ(finished.get(), 0);
  service.reset();
}

TEST_F(ServiceTest, CutsWhatIsNotOverAtTheEndOfTheDrain) {
  options.drain_delay = milliseconds(0);
  options.drain_timeout = milliseconds(200);
  start();
  TestClient busy(port);
  busy.send(post("/mutate", review).substr(0, 1000));
  EXPECT_TRUE(
      TestServer::eventually([&] { return metric("cvm_webhook_requests_in_flight") == 2; }));
  EXPECT_EQ(stop(), 0);
  EXPECT_TRUE(busy.is_closed());
}

TEST_F(ServiceTest, EndsAtOnceWhenToldTwice) {
  options.drain_delay = std::chrono::minutes(10);
  start();
  TestClient client(port);
  service->drain();
  EXPECT_NE(stop(), 0);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServiceTest, DoesNotStartWithWhatCannotBeUsed) {
  const auto refusal = [&]() -> std::string {
    try {
      Service refused(options);
      return "started";
    } catch (const std::exception& error) {
      return error.what();
    }
  };
  write("settings.yaml", "mode: wrong\n");
  EXPECT_THAT(refusal(), HasSubstr("settings.yaml"));
  write("settings.yaml", kSettings);
  write("tls.key", make_certificates().serving.key_pem);
  EXPECT_THAT(refusal(), HasSubstr("tls.crt"));
  write_certificates(certificates);
  write("nodes.yaml", "kind: Pod\n");
  EXPECT_THAT(refusal(), HasSubstr("nodes.yaml"));
  options.nodes_file.clear();
  options.kubeconfig_file = directory + "/none";
  EXPECT_THAT(refusal(), HasSubstr("none"));
  options.kubeconfig_file.clear();
  options.listen = "nowhere";
  EXPECT_THAT(refusal(), HasSubstr("expected an address"));
  options.listen = "127.0.0.1:0";
  start();
  options.listen = "127.0.0.1:" + std::to_string(port);
  EXPECT_THAT(refusal(), HasSubstr("cannot listen on " + options.listen));
}

}  // namespace
}  // namespace cvm::webhook
