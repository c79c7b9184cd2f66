// SnapshotKeeper: settings and nodes -> the Snapshot that decisions depend on, anew when one of
// them changes. All calls on one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/engine.hpp"
#include "policies/model/profile_settings.hpp"

namespace cvm::webhook {

class SnapshotKeeper {
 public:
  using Publish = std::function<void(std::shared_ptr<const Snapshot>)>;

  // `publish` is called with each new snapshot.
  explicit SnapshotKeeper(Publish publish) : publish_(std::move(publish)) {}

  // How long the settings before the last change are kept in the snapshots: longer than an
  // admission takes, whose calls may fall on both sides of a change, and long enough for every
  // replica's kubelet to bring the changed file.
  static constexpr std::chrono::minutes kKeepPrevious{2};

  // The first call makes the first snapshot; a later one also keeps what was before it.
  void use_settings(ProfiledSettings settings, std::chrono::steady_clock::time_point now);
  // Lets go of settings that were replaced longer ago than kKeepPrevious. Call it now and then.
  void forget_previous(std::chrono::steady_clock::time_point now);
  // Nodes will come: until then decisions know that they are missing.
  void await_nodes();
  void use_nodes(std::shared_ptr<const NodeCatalog> nodes);
  // The class of a name; null: not known.
  using FindRuntimeClass =
      std::function<std::shared_ptr<const RuntimeClassFacts>(const std::string& name)>;
  // Looks for those that the settings and their profiles name. Makes a new snapshot where one is
  // not as it was.
  void use_runtime_classes(const FindRuntimeClass& find);
  void use_known_pods(std::shared_ptr<const KnownPods> pods);
  // From now on decisions may ask for a pod.
  void look_up_pods();
  // Namespaces will come: until then decisions know that they are missing.
  void await_namespaces();
  void use_namespaces(std::shared_ptr<const KnownNamespaces> namespaces);
  void use_host_volumes(std::shared_ptr<const HostVolumes> volumes);
  // How long ago the nodes were last confirmed; nullopt: they are not known yet.
  void set_nodes_age(std::optional<std::chrono::nanoseconds> age);

  // Null before the first settings.
  std::shared_ptr<const Snapshot> current() const { return current_; }
  bool nodes_known() const { return nodes_ != nullptr; }
  std::size_t node_count() const { return nodes_ ? nodes_->size : 0; }
  bool nodes_stale() const { return current_ && current_->nodes_stale; }

 private:
  void publish(Snapshot snapshot);

  Publish publish_;
  std::shared_ptr<const NodeCatalog> nodes_;  // kept for the next settings
  bool nodes_awaited_ = false;
  std::shared_ptr<const Snapshot> current_;
  std::chrono::steady_clock::time_point settings_since_;
};

}  // namespace cvm::webhook
