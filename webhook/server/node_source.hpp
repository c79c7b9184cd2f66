// NodeSource: where nodes come from (a file, an API server, or nowhere) and how old they are.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/model/node_facts.hpp"
#include "policies/nodes/node_catalog.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "webhook/server/file_reloader.hpp"
#include "webhook/server/readiness.hpp"
#include "webhook/server/serve_options.hpp"
#include "webhook/server/snapshot_keeper.hpp"
#include "webhook/telemetry/service_counters.hpp"

namespace cvm::webhook {

class NodeMarker;
class NodeWatcher;

// Every document of a YAML or JSON text that is a Node or a list of Nodes.
Result<std::vector<NodeFacts>> parse_nodes(std::string_view text);

class NodeSource {
 public:
  using OnNodes = std::function<void(std::shared_ptr<const NodeCatalog>)>;

  // Callbacks run on the executor's thread. Throws when the options name a source that cannot be
  // used; a file is read at once.
  NodeSource(const boost::asio::any_io_executor& executor, const ServeOptions& options,
             OnNodes on_nodes, EventLog& log, ServiceCounters& counters);
  ~NodeSource();

  void start();
  void stop();
  // Looks at the file again, counts. Call from time to time.
  void poll();

  // Sets the check "nodes", where there is a source of them, and counts what is known of them.
  void report(const SnapshotKeeper& snapshots, Readiness& readiness) const;

  // What the nodes of an API server are to be marked with; null: they stay as they are.
  void mark_with(std::shared_ptr<const NodeInventory> nodes);

  bool is_configured() const { return file_ || watcher_; }
  // Since the nodes were last confirmed; nullopt: never.
  std::optional<std::chrono::nanoseconds> age() const;
  // Why the nodes are not up to date; empty when they are.
  std::string failure() const;

 private:
  OnNodes on_nodes_;
  EventLog& log_;
  ServiceCounters& counters_;
  std::string file_name_;
  std::unique_ptr<FileReloader> file_;
  std::optional<std::chrono::steady_clock::time_point> file_read_at_;
  std::unique_ptr<NodeWatcher> watcher_;
  std::unique_ptr<NodeMarker> marker_;  // beside watcher_
};

}  // namespace cvm::webhook
