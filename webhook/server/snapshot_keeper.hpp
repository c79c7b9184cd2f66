// SnapshotKeeper: settings and nodes -> the Snapshot that decisions depend on, anew when one of
// them changes. All calls on one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "policies/engine.hpp"

namespace cvm::webhook {

class SnapshotKeeper {
 public:
  using Publish = std::function<void(std::shared_ptr<const Snapshot>)>;

  // `publish` is called with each new snapshot.
  explicit SnapshotKeeper(Publish publish) : publish_(std::move(publish)) {}

  // The first call makes the first snapshot.
  void use_settings(Settings settings);
  void use_nodes(std::vector<NodeFacts> nodes);
  // How long ago the nodes were last confirmed; nullopt: they are not known yet.
  void set_nodes_age(std::optional<std::chrono::nanoseconds> age);

  // Null before the first settings.
  std::shared_ptr<const Snapshot> current() const { return current_; }
  bool nodes_known() const { return nodes_.has_value(); }
  std::size_t node_count() const { return nodes_ ? nodes_->size() : 0; }
  bool nodes_stale() const { return current_ && current_->nodes_stale; }

 private:
  void publish(Snapshot snapshot);

  Publish publish_;
  std::optional<std::vector<NodeFacts>> nodes_;  // kept for the next settings
  std::shared_ptr<const Snapshot> current_;
};

}  // namespace cvm::webhook
