#include "webhook/server/snapshot_keeper.hpp"

#include <utility>

#include "policies/profiles/profiles.hpp"

namespace cvm::webhook {
namespace {

using Facts = std::shared_ptr<const RuntimeClassFacts>;

// Of the class that `settings` names, as one of the snapshots knows it.
Facts known_class(const Snapshot& snapshot, const Settings& settings) {
  Facts facts;
  visit_each(snapshot, [&](const Snapshot& each) {
    if (each.settings->runtime_class_name != settings.runtime_class_name) return;
    if (each.runtime_class) facts = each.runtime_class;
  });
  return facts;
}

// What is known of the cluster and not worked out by the settings.
void share_knowledge(const Snapshot& from, Snapshot& to) {
  to.known_pods = from.known_pods;
  to.looks_up_pods = from.looks_up_pods;
  to.namespaces = from.namespaces;
  to.namespaces_awaited = from.namespaces_awaited;
  to.host_volumes = from.host_volumes;
}

}  // namespace

void SnapshotKeeper::use_settings(ProfiledSettings settings,
                                  std::chrono::steady_clock::time_point now) {
  Snapshot snapshot = make_snapshot(std::move(settings));
  if (nodes_) cvm::use_nodes(snapshot, nodes_);
  snapshot.nodes_awaited = nodes_awaited_ && !nodes_;
  if (current_) {
    share_knowledge(*current_, snapshot);
    snapshot.nodes_stale = current_->nodes_stale;
    change_each(snapshot, [this](Snapshot& each) {
      each.runtime_class = known_class(*current_, *each.settings);
    });
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
  cvm::use_nodes(snapshot, nodes_);
  snapshot.nodes_awaited = false;
  publish(std::move(snapshot));
}

void SnapshotKeeper::use_runtime_classes(const FindRuntimeClass& find) {
  Snapshot snapshot = *current_;
  bool differs = false;
  change_each(snapshot, [&](Snapshot& each) {
    Facts facts = find(each.settings->runtime_class_name);
    if (!facts || (each.runtime_class && *facts == *each.runtime_class)) return;
    each.runtime_class = std::move(facts);
    differs = true;
  });
  if (differs) publish(std::move(snapshot));
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

void SnapshotKeeper::await_namespaces() {
  Snapshot snapshot = *current_;
  snapshot.namespaces_awaited = !snapshot.namespaces;
  publish(std::move(snapshot));
}

void SnapshotKeeper::use_namespaces(std::shared_ptr<const KnownNamespaces> namespaces) {
  Snapshot snapshot = *current_;
  snapshot.namespaces = std::move(namespaces);
  snapshot.namespaces_awaited = false;
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

// What is known of the cluster is as new for profiles, and for what was in force before: but for
// nodes, whose verdicts are those of its settings.
void SnapshotKeeper::publish(Snapshot snapshot) {
  const Snapshot known = snapshot;
  change_each(snapshot, [&known](Snapshot& each) {
    share_knowledge(known, each);
    each.nodes_stale = known.nodes_stale;
    each.nodes_awaited = known.nodes_awaited;
  });
  if (snapshot.previous) {
    Snapshot before = *snapshot.previous;
    change_each(before, [&known](Snapshot& each) { share_knowledge(known, each); });
    snapshot.previous = std::make_shared<const Snapshot>(std::move(before));
  }
  current_ = std::make_shared<const Snapshot>(std::move(snapshot));
  publish_(current_);
}

}  // namespace cvm::webhook
