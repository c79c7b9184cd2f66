#include "webhook/suites/case_snapshot.hpp"

#include <simdjson.h>

#include "policies/profiles/profiles.hpp"
#include "webhook/decode/known_pod_reader.hpp"

namespace cvm::webhook {

namespace {

constexpr const char* kNamespace = AdmissionClient::kNamespace;

void add_namespace(const SuiteCase& one, Snapshot& snapshot) {
  if (one.enforced_level.empty() && one.namespace_profile.empty()) return;
  KnownNamespace known;
  if (one.enforced_level == "baseline") known.enforced = PodSecurityLevel::kBaseline;
  if (one.enforced_level == "restricted") known.enforced = PodSecurityLevel::kRestricted;
  known.profile = one.namespace_profile;
  const auto namespaces =
      std::make_shared<const KnownNamespaces>(KnownNamespaces{{kNamespace, known}});
  change_each(snapshot, [&namespaces](Snapshot& each) { each.namespaces = namespaces; });
}

}  // namespace

const Snapshot& SnapshotCache::base_of(const SuiteCase& one) {
  const std::lock_guard lock(mutex_);
  const auto [found, is_new] = bases_.try_emplace({one.settings, one.nodes});
  if (is_new) {
    found->second = make_snapshot(suite_.settings[one.settings].settings);
    if (const auto& nodes = suite_.nodes[one.nodes]) use_nodes(found->second, nodes);
  }
  return found->second;
}

Snapshot SnapshotCache::snapshot_of(const SuiteCase& one) {
  Snapshot snapshot = base_of(one);
  if (one.runtime_class) {
    RuntimeClassFacts facts;
    facts.found = one.runtime_class->found;
    facts.handler = one.runtime_class->handler;
    facts.node_selector = one.runtime_class->node_selector;
    snapshot.runtime_class = std::make_shared<const RuntimeClassFacts>(std::move(facts));
  }
  if (!one.host_volumes.empty() || !one.unmappable.empty()) {
    use_volumes(snapshot, one.host_volumes, one.unmappable);
  }
  add_namespace(one, snapshot);
  return snapshot;
}

void use_volumes(Snapshot& snapshot, const std::map<std::string, std::string>& host_volumes,
                 const std::map<std::string, std::string>& unmappable) {
  HostVolumes volumes;
  for (const auto& [claim, file_system] : unmappable) {
    volumes.put_unmappable(kNamespace, claim, file_system);
  }
  for (const auto& [claim, path] : host_volumes) {
    if (claim == "none") {
      volumes.any_unclaimed = true;
    } else {
      volumes.put(kNamespace, claim, path);
    }
  }
  const auto known = std::make_shared<const HostVolumes>(std::move(volumes));
  change_each(snapshot, [&known](Snapshot& each) { each.host_volumes = known; });
}

std::shared_ptr<const KnownPods> known_pods_with(const nlohmann::json& pod) {
  simdjson::dom::parser parser;
  KnownPods pods;
  pods.put(AdmissionClient::kNamespace, pod.at("metadata").at("name").get<std::string>(),
           read_known_pod(parser.parse(pod.dump()).value()));
  return std::make_shared<const KnownPods>(std::move(pods));
}

}  // namespace cvm::webhook
