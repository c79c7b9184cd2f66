// What the webhook would know of a case's cluster.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "policies/engine.hpp"
#include "webhook/suites/suite.hpp"

namespace cvm::webhook {

// Snapshots of one suite's settings and nodes, each made once. Safe for several threads.
class SnapshotCache {
 public:
  // The suite must outlive the cache.
  explicit SnapshotCache(const Suite& suite) : suite_(suite) {}

  // With what the case says besides of volumes, namespaces and the RuntimeClass.
  Snapshot snapshot_of(const SuiteCase& one);

 private:
  const Snapshot& base_of(const SuiteCase& one);

  const Suite& suite_;
  std::mutex mutex_;
  std::map<std::pair<std::size_t, std::size_t>, Snapshot> bases_;  // settings and nodes
};

// What a watch of volumes would tell: claims, as SuiteCase has them.
void use_volumes(Snapshot& snapshot, const std::map<std::string, std::string>& host_volumes,
                 const std::map<std::string, std::string>& unmappable);

// What a watch of pods would tell of `pod`, which has a name.
std::shared_ptr<const KnownPods> known_pods_with(const nlohmann::json& pod);

}  // namespace cvm::webhook
