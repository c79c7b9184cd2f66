#include "webhook/server/snapshot_keeper.hpp"

#include <utility>

namespace cvm::webhook {

void SnapshotKeeper::use_settings(Settings settings, std::chrono::steady_clock::time_point now) {
  Snapshot snapshot = make_snapshot(std::move(settings));
  if (nodes_) snapshot.nodes = NodeInventory::build(nodes_, *snapshot.settings);
  snapshot.nodes_awaited = nodes_awaited_ && !nodes_;
  if (current_) {
    snapshot.nodes_stale = current_->nodes_stale;
    snapshot.known_pods = current_->known_pods;
    snapshot.looks_up_pods = current_->looks_up_pods;
    snapshot.pod_security_labels = current_->pod_security_labels;
    snapshot.host_volumes = current_->host_volumes;
    const bool same_class =
        snapshot.settings->runtime_class_name == current_->settings->runtime_class_name;
    if (same_class) snapshot.runtime_class = current_->runtime_class;
    Snapshot before = *current_;
    before.previous = nullptr;
    snapshot.previous = std::make_shared<const Snapshot>(std::move(before));
  }
  settings_since_ = now;
  publish(std::move(snapshot));
}

void SnapshotKeeper::forget_previous(std::chrono::steady_clock::time_point now) {
  if (!current_->previous || now - settings_since_ < kKeepPrevious) return;
  Snapshot snapshot = *current_;
  snapshot.previous = nullptr;
  publish(std::move(snapshot));
}

void SnapshotKeeper::await_nodes() {
  if (nodes_) return;
  nodes_awaited_ = true;
  Snapshot snapshot = *current_;
  snapshot.nodes_awaited = true;
  publish(std::move(snapshot));
}

void SnapshotKeeper::use_nodes(std::shared_ptr<const NodeCatalog> nodes) {
  nodes_ = std::move(nodes);
  Snapshot snapshot = *current_;
  snapshot.nodes = NodeInventory::build(nodes_, *snapshot.settings, current_->nodes.get());
  snapshot.nodes_awaited = false;
  publish(std::move(snapshot));
}

void SnapshotKeeper::use_runtime_class(std::shared_ptr<const RuntimeClassFacts> facts) {
  Snapshot snapshot = *current_;
  snapshot.runtime_class = std::move(facts);
  publish(std::move(snapshot));
}

void SnapshotKeeper::use_known_pods(std::shared_ptr<const KnownPods> pods) {
  Snapshot snapshot = *current_;
  snapshot.known_pods = std::move(pods);
  publish(std::move(snapshot));
}

void SnapshotKeeper::look_up_pods() {
  Snapshot snapshot = *current_;
  snapshot.looks_up_pods = true;
  publish(std::move(snapshot));
}

void SnapshotKeeper::use_pod_security_labels(std::shared_ptr<const PodSecurityLabels> labels) {
  Snapshot snapshot = *current_;
  snapshot.pod_security_labels = std::move(labels);
  publish(std::move(snapshot));
}

void SnapshotKeeper::use_host_volumes(std::shared_ptr<const HostVolumes> volumes) {
  Snapshot snapshot = *current_;
  snapshot.host_volumes = std::move(volumes);
  publish(std::move(snapshot));
}

void SnapshotKeeper::set_nodes_age(std::optional<std::chrono::nanoseconds> age) {
  const bool stale = age && *age > current_->settings->nodes.stale_after;
  if (stale == current_->nodes_stale) return;
  Snapshot snapshot = *current_;
  snapshot.nodes_stale = stale;
  publish(std::move(snapshot));
}

// What is known of the cluster is as new for what was in force before: but for nodes, whose
// verdicts are those of its settings.
void SnapshotKeeper::publish(Snapshot snapshot) {
  if (snapshot.previous) {
    Snapshot before = *snapshot.previous;
    before.known_pods = snapshot.known_pods;
    before.looks_up_pods = snapshot.looks_up_pods;
    before.pod_security_labels = snapshot.pod_security_labels;
    before.host_volumes = snapshot.host_volumes;
    snapshot.previous = std::make_shared<const Snapshot>(std::move(before));
  }
  current_ = std::make_shared<const Snapshot>(std::move(snapshot));
  publish_(current_);
}

}  // namespace cvm::webhook
