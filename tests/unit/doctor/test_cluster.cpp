#include "test_cluster.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "webhook/config/settings_file.hpp"
#include "webhook/doctor/settings_in_force.hpp"
#include "webhook/formats/text_file.hpp"
#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {
namespace {

using Json = TestCluster::Json;

constexpr const char* kOthers = R"(
apiVersion: v1
kind: Node
metadata: {name: worker-1, labels: {cvm-webhook.io/cvm: "true"}}
status:
  nodeInfo:
    architecture: amd64
    operatingSystem: linux
    osImage: Ubuntu 22.04.5 LTS
    kernelVersion: 6.8.0-48-generic
    kubeletVersion: v1.34.2
    containerRuntimeVersion: containerd://2.0.5
---
apiVersion: v1
kind: Node
metadata: {name: hardened-1}
status:
  nodeInfo:
    architecture: amd64
    operatingSystem: linux
    osImage: Rocky Linux 9.4
    kernelVersion: 5.14.0-427.13.1.el9_4.x86_64
    kubeletVersion: v1.34.2
    containerRuntimeVersion: containerd://2.0.5
---
{apiVersion: v1, kind: Namespace, metadata: {name: kube-system}}
---
apiVersion: v1
kind: Namespace
metadata:
  name: dev
  labels: {cvm-webhook.io/workspaces: enabled, kubernetes.io/metadata.name: dev}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: cvm-webhook-1
  namespace: cvm-system
  labels: {kubernetes.io/service-name: cvm-webhook}
endpoints: [{conditions: {ready: true}}, {conditions: {}}, {conditions: {ready: false}}]
---
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: dev}
spec:
  limits:
    - {type: Container, default: {cpu: "1", memory: 1Gi}, min: {cpu: 10m}, max: {memory: 4Gi}}
    - {type: Pod, max: {cpu: "8"}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: dev}
spec: {hard: {requests.cpu: "10", limits.memory: 64Gi, pods: "10"}}
status: {used: {requests.cpu: "2", limits.memory: 1Gi, pods: "2"}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: block}, provisioner: ebs.csi.aws.com}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: pv-1}
spec: {csi: {driver: ebs.csi.aws.com}, claimRef: {namespace: dev, name: home}}
---
apiVersion: v1
kind: Pod
metadata: {name: alice, namespace: dev, annotations: {cvm-webhook.io/plan: "v1:0"}}
spec: {containers: [{name: dev}]}
status: {phase: Running}
)";

std::string read(const std::string& path) {
  return read_text_file(std::string(CVM_SOURCE_DIR) + "/" + path).value();
}

void add_documents(const std::string& text, TestCluster& cluster) {
  for (const YamlDocument& document : parse_yaml(text).value()) {
    cluster.add(Json::parse(document.json));
  }
}

}  // namespace

TestCluster::TestCluster() {
  for (const char* file : {"namespace", "runtimeclass", "deployment", "service",
                           "mutatingwebhookconfiguration", "validatingwebhookconfiguration"}) {
    add_documents(read("manifests/base/" + std::string(file) + ".yaml"), *this);
  }
  add_documents(kOthers, *this);
  add({{"apiVersion", "v1"},
       {"kind", "ConfigMap"},
       {"metadata", {{"name", "cvm-webhook-settings"}, {"namespace", "cvm-system"}}},
       {"data", {{"settings.yaml", read("manifests/base/settings.yaml")}}}});
  one("Deployment")["status"]["readyReplicas"] = 2;
  const auto ca = certs::issue_ca({}, now() - std::chrono::days(90));
  certs::ServingOptions options;
  options.dns_names = {"cvm-webhook.cvm-system.svc"};
  serving_pem = certs::issue_serving(*ca, options, now())->certificate_pem;
  ca_pem = ca->certificate_pem;
  ca_key_pem = ca->key_pem;
  change_webhooks([&](Json& webhook) { webhook["clientConfig"]["caBundle"] = base64(ca_pem); });
}

certs::TimePoint TestCluster::now() {
  return certs::TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 11 / 1));
}

std::string TestCluster::base64(const std::string& text) {
  std::string out(text.size() / 3 * 4 + 5, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Json& TestCluster::one(const std::string& kind, const std::string& name) {
  for (Json& object : objects_) {
    if (object["kind"] == kind && (name.empty() || object["metadata"]["name"] == name)) {
      return object;
    }
  }
  throw std::runtime_error("no " + kind + " " + name);
}

void TestCluster::remove(const std::string& kind, bool known) {
  std::erase_if(objects_, [&](const Json& object) { return object["kind"] == kind; });
  if (known) known_.push_back(kind);
}

ClusterFacts TestCluster::facts() const {
  ClusterFacts facts;
  simdjson::dom::parser parser;
  for (const Json& object : objects_) {
    const auto kind =
        find_kind(object["apiVersion"].get<std::string>(), object["kind"].get<std::string>());
    if (!kind) throw std::runtime_error("not a kind that is read: " + object.dump());
    const auto fault = facts.add(*kind, parser.parse(object.dump()).value());
    if (fault) throw std::runtime_error(fault->message);
  }
  for (const KindDescription& kind : object_kinds()) {
    if (std::find(known_.begin(), known_.end(), kind.name) != known_.end()) {
      facts.set_known(kind.kind);
    }
  }
  facts.server_version = "v1.34.2";
  facts.access = {{"list", "", "nodes", true}, {"patch", "", "nodes", true}};
  facts.serving_certificate = {"tls.crt", serving_pem, ""};
  return facts;
}

Findings TestCluster::run(const std::string& id, const std::string& settings) const {
  return run_on(facts(), id, settings);
}

Findings TestCluster::run_on(const ClusterFacts& facts, const std::string& id,
                             const std::string& settings) const {
  CheckedSettings checked = live_settings(facts);
  if (!settings.empty()) {
    SettingsResult result = parse_settings_body(settings);
    EXPECT_TRUE(result.ok()) << result.describe("settings");
    checked.settings = std::move(result.settings);
  }
  for (const Check& check : all_checks()) {
    if (check.id != id) continue;
    Findings findings;
    check.run({facts, checked, now()}, findings);
    return findings;
  }
  throw std::runtime_error("no check " + id);
}

std::vector<std::string> texts(const Findings& findings) {
  std::vector<std::string> all;
  for (const CheckFinding& finding : findings.all()) {
    all.push_back(std::string(to_string(finding.status)) + ": " + finding.message);
  }
  return all;
}

}  // namespace cvm::webhook
