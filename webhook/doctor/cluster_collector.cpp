#include "webhook/doctor/cluster_collector.hpp"

#include <fmt/format.h>

#include <memory>
#include <set>
#include <utility>

#include "webhook/decode/json_fields.hpp"
#include "webhook/doctor/access_reviews.hpp"
#include "webhook/doctor/serving_certificate.hpp"
#include "webhook/kubernetes/access/server_url.hpp"

namespace cvm::webhook {
namespace {

constexpr ObjectKind kOfCluster[] = {
    ObjectKind::kNode,
    ObjectKind::kNamespace,
    ObjectKind::kRuntimeClass,
    ObjectKind::kMutatingWebhookConfiguration,
    ObjectKind::kValidatingWebhookConfiguration,
    ObjectKind::kStorageClass,
    ObjectKind::kPersistentVolume,
};
constexpr ObjectKind kOfWebhookNamespace[] = {ObjectKind::kService, ObjectKind::kEndpointSlice,
                                              ObjectKind::kDeployment};
constexpr ObjectKind kOfWorkspaces[] = {ObjectKind::kLimitRange, ObjectKind::kResourceQuota,
                                        ObjectKind::kPod};

class Receiver : public ListReceiver {
 public:
  explicit Receiver(ObjectKind kind) : kind_(kind) {}

  void begin_list() override { listed_facts = {}; }
  std::string listed(Element object) override {
    const auto fault = listed_facts.add(kind_, object);
    return fault ? fault->message : std::string();
  }

  ClusterFacts listed_facts;

 private:
  ObjectKind kind_;
};

class Collector {
 public:
  Collector(const ClusterAccess& access, bool in_cluster)
      : reader_(access), in_cluster_(in_cluster) {
    facts_.is_dump = false;
  }

  Result<ClusterFacts> collect() {
    if (const auto fault = read_version()) return *fault;
    for (const ObjectKind kind : kOfCluster) list(kind, {});
    const std::string ns = facts_.webhook_namespace();
    for (const ObjectKind kind : kOfWebhookNamespace) list(kind, ns);
    read_settings();
    read_workspaces();
    review_access(reader_, in_cluster_, facts_);
    see_certificate();
    return std::move(facts_);
  }

 private:
  std::optional<Error> read_version() {
    const ApiResult<std::string> answer = reader_.get("/version");
    if (!answer) {
      const bool is_refused = answer.error().status == 403;
      return is_refused ? std::nullopt : std::optional(Error{answer.error().message});
    }
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (parser.parse(*answer).get(root) == simdjson::SUCCESS) {
      facts_.server_version = string_at(root, "/gitVersion");
    }
    return std::nullopt;
  }

  // False where the API server does not give the list.
  bool list(ObjectKind kind, const std::string& ns) {
    const KindDescription& description = describe(kind);
    const auto receiver = std::make_shared<Receiver>(kind);
    const ApiResult<ListOutcome> outcome =
        reader_.list({.path = description.path(ns),
                      .selector = "",
                      .list_kind = std::string(description.name) + "List",
                      .objects = std::string(description.plural),
                      .object = std::string(description.name)},
                     receiver);
    if (!outcome) {
      facts_.set_unavailable(kind, outcome.error().message);
    } else if (!outcome->skipped.empty()) {
      facts_.set_unavailable(kind, outcome->skipped.front());
    } else {
      facts_.set_known(kind);
      facts_.take(std::move(receiver->listed_facts));
    }
    return facts_.knows(kind);
  }

  void read_settings() {
    const ObjectName place = facts_.settings_place().first;
    if (place.second.empty()) return;
    const ApiResult<std::string> answer = reader_.get(
        fmt::format("{}/{}", describe(ObjectKind::kConfigMap).path(place.first), place.second));
    if (!answer) {
      facts_.set_unavailable(ObjectKind::kConfigMap, answer.error().message);
      return;
    }
    simdjson::dom::parser parser;
    simdjson::dom::element object;
    if (parser.parse(*answer).get(object) == simdjson::SUCCESS) {
      facts_.add(ObjectKind::kConfigMap, object);
    }
  }

  void read_workspaces() {
    for (const ObjectKind kind : kOfWorkspaces) {
      if (facts_.knows(ObjectKind::kNamespace)) {
        facts_.set_known(kind);
      } else {
        facts_.set_unavailable(kind, facts_.why_unknown(ObjectKind::kNamespace));
      }
    }
    std::vector<std::string> names;
    for (const NamespaceFacts& ns : facts_.namespaces) {
      if (ns.takes_part()) names.push_back(ns.name);
    }
    for (const ObjectKind kind : kOfWorkspaces) {
      for (const std::string& ns : names) {
        if (!list(kind, ns)) break;
      }
    }
  }

  // By the first URL, or in the cluster by the Service.
  void see_certificate() {
    for (const WebhookConfiguration& configuration : facts_.configurations) {
      for (const AdmissionWebhook& webhook : configuration.webhooks) {
        ClusterAccess server;
        if (webhook.url.empty()) {
          if (!in_cluster_) continue;
          server.host = webhook.host();
          server.port = webhook.port;
        } else if (!set_server(webhook.url, server) || !server.tls) {
          continue;
        }
        ServingCertificate& seen = facts_.serving_certificate;
        seen.from = fmt::format("{}:{}", server.host, server.port);
        Result<std::string> pem = fetch_certificates(server.host, server.port, server.host);
        if (pem) {
          seen.pem = std::move(*pem);
        } else {
          seen.failure = pem.error().message;
        }
        return;
      }
    }
  }

  ApiReader reader_;
  bool in_cluster_;
  ClusterFacts facts_;
};

}  // namespace

Result<ClusterFacts> collect_facts(const ClusterAccess& access, bool in_cluster) {
  return Collector(access, in_cluster).collect();
}

}  // namespace cvm::webhook
