// ClusterFacts: what a preflight reads of a cluster, from the API server or from a dump of it.
//
// Of each kind of objects it is known whether they were read, or else why not: a check that lacks
// its input says so. Of objects only what the checks need is kept. Secrets are never read.
#pragma once

#include <simdjson.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/model/label_selector.hpp"
#include "policies/model/node_facts.hpp"
#include "policies/model/result.hpp"
#include "policies/model/runtime_class_facts.hpp"
#include "webhook/doctor/object_kinds.hpp"

namespace cvm::webhook {

using Labels = std::map<std::string, std::string, std::less<>>;
using Amounts = std::map<std::string, std::string, std::less<>>;  // "cpu" -> "100m"
using ObjectName = std::pair<std::string, std::string>;           // namespace, name

struct AdmissionRule {
  std::vector<std::string> groups, operations, resources;  // as written, with their wildcards
};

// One entry of a webhook configuration.
struct AdmissionWebhook {
  std::string name;
  std::string url;     // empty: the API server calls the Service
  ObjectName service;  // empty names: it calls the URL
  std::string port = "443", path;
  std::string ca_bundle;  // as base64; empty: none
  LabelSelector namespace_selector;
  std::vector<AdmissionRule> rules;
  bool ignores_failures = false;
  int timeout_seconds = 10;

  // The name or address that the API server expects in the certificate.
  std::string host() const;
};

struct WebhookConfiguration {
  std::string name;
  bool mutating = false;
  std::vector<AdmissionWebhook> webhooks;
};

struct DeploymentFacts {
  int wanted = 1, ready = 0;
  std::string service_account;
  std::string config_map, settings_key;  // what --settings names; empty: no ConfigMap
};

struct NamespaceFacts {
  std::string name;
  Labels labels;

  std::string_view label(std::string_view key) const;  // empty: absent
  bool takes_part() const;
};

struct LimitRangeItem {
  std::string type;  // "Container", "Pod"...
  Amounts min, max, default_limits, default_requests, largest_ratios;
};

struct LimitRangeFacts {
  ObjectName name;
  std::vector<LimitRangeItem> items;
};

struct QuotaFacts {
  ObjectName name;
  Amounts hard, used;
  std::vector<std::string> scopes;  // of scopeSelector, too
};

// A pod that has not ended and is no CVM.
struct PlainPod {
  ObjectName name;
  std::vector<std::pair<std::string, std::string>> labels;
};

// Whether an identity may do something; of the webhook's service account.
struct AccessAnswer {
  std::string verb, group, resource;
  bool allowed = false;
};

struct ServingCertificate {
  std::string from;  // where it was seen: "127.0.0.1:8443", "tls.crt"; empty: nowhere
  std::string pem;   // the chain, the server's own first; empty: `failure` says why
  std::string failure;
};

class ClusterFacts {
 public:
  // One object; those of no kind that is read are passed over. Fields of a wrong type count as
  // absent, but in nodes they are an error that names its path.
  std::optional<Error> add(ObjectKind kind, simdjson::dom::element object);

  // Adds the objects that `other` has.
  void take(ClusterFacts&& other);

  // The objects of a kind are there, be it none.
  void set_known(ObjectKind kind);
  // They are not, for this reason: "GET ... 403 Forbidden ...".
  void set_unavailable(ObjectKind kind, std::string reason);
  bool knows(ObjectKind kind) const;
  // Why the objects of a kind are not known.
  std::string why_unknown(ObjectKind kind) const;

  std::vector<NodeFacts> nodes;
  std::map<std::string, Labels, std::less<>> node_marks;  // the webhook's own labels, by node
  std::vector<NamespaceFacts> namespaces;
  std::map<std::string, RuntimeClassFacts, std::less<>> runtime_classes;
  std::vector<WebhookConfiguration> configurations;         // those of the webhook
  std::map<ObjectName, std::vector<std::string>> services;  // their ports
  // By Service and address type: with two families each endpoint is in a slice of either.
  std::map<ObjectName, std::map<std::string, int>> ready_endpoints;
  std::map<ObjectName, DeploymentFacts> deployments;  // those of the webhook
  std::map<ObjectName, Amounts> settings_texts;       // ConfigMaps that hold settings: key -> text
  std::vector<QuotaFacts> quotas;
  std::vector<LimitRangeFacts> limit_ranges;
  std::map<std::string, std::string, std::less<>> storage_classes;  // name -> provisioner
  std::size_t unmappable_volumes = 0;  // PersistentVolumes on NFS and the like
  std::vector<PlainPod> plain_pods;
  std::size_t cvms = 0;

  std::string server_version;        // "v1.34.2"; empty: not known
  std::vector<AccessAnswer> access;  // empty: `access_unknown` says why
  std::string access_unknown = "a dump does not tell what the service account may do";
  ServingCertificate serving_certificate;
  bool is_dump = true;

  // Where the webhook runs: of its configurations' Service, else of its Deployment, else the
  // namespace that ships.
  std::string webhook_namespace() const;
  // Null when there is none.
  const DeploymentFacts* deployment() const;
  // The ConfigMap with its settings, and the key: what the Deployment mounts; where Deployments are
  // not known, what ships. Empty names: it mounts none.
  std::pair<ObjectName, std::string> settings_place() const;

 private:
  struct Source {
    bool known = false;
    std::string reason;
  };
  std::array<Source, kObjectKindCount> sources_;
};

}  // namespace cvm::webhook
