#include "webhook/server/node_source.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "policies/nodes/node_store.hpp"
#include "webhook/formats/yaml_json.hpp"
#include "webhook/kubernetes/watchers/node_decoder.hpp"
#include "webhook/kubernetes/watchers/node_marker.hpp"
#include "webhook/kubernetes/watchers/node_watcher.hpp"
#include "webhook/server/cluster_source.hpp"
#include "webhook/server/reload_report.hpp"

namespace cvm::webhook {

Result<std::vector<NodeFacts>> parse_nodes(std::string_view text) {
  const auto documents = parse_yaml(text);
  if (!documents) return documents.error();
  std::vector<NodeFacts> nodes;
  for (const YamlDocument& document : *documents) {
    auto decoded = decode_nodes(document.json);
    if (!decoded) return decoded.error();
    std::move(decoded->begin(), decoded->end(), std::back_inserter(nodes));
  }
  return nodes;
}

NodeSource::NodeSource(const boost::asio::any_io_executor& executor, const ServeOptions& options,
                       OnNodes on_nodes, EventLog& log, ServiceCounters& counters)
    : on_nodes_(std::move(on_nodes)),
      log_(log),
      counters_(counters),
      file_name_(options.nodes_file) {
  if (!options.nodes_file.empty()) {
    file_ = std::make_unique<FileReloader>(
        std::vector{options.nodes_file},
        [this](const FileReloader::Contents& contents) -> std::optional<Error> {
          auto nodes = parse_nodes(contents.front());
          if (!nodes) return Error{fmt::format("{}: {}", file_name_, nodes.error().message)};
          on_nodes_(make_catalog(*nodes));
          return std::nullopt;
        });
    file_->load();
    file_read_at_ = std::chrono::steady_clock::now();
    count_success(counters_.node_file);
  } else if (std::optional<ClusterAccess> access = cluster_access(options)) {
    log_.info("watching nodes", {{"host", access->host}, {"port", access->port}});
    const auto write_line = [this](bool is_error, const std::string& line) {
      log_.write(is_error ? EventLog::Level::warn : EventLog::Level::info, "nodes",
                 {{"detail", line}});
    };
    watcher_ = std::make_unique<NodeWatcher>(executor, *access, on_nodes_, write_line);
    marker_ = std::make_unique<NodeMarker>(executor, std::move(*access), watcher_->carried_marks(),
                                           write_line);
  }
  counters_.has_node_source.set(is_configured() ? 1 : 0);
}

NodeSource::~NodeSource() = default;

void NodeSource::start() {
  if (watcher_) watcher_->start();
  if (marker_) marker_->start();
}

void NodeSource::stop() {
  if (watcher_) watcher_->stop();
  if (marker_) marker_->stop();
}

void NodeSource::mark_with(std::shared_ptr<const NodeInventory> nodes) {
  if (marker_) marker_->use(std::move(nodes));
}

void NodeSource::poll() {
  if (file_) {
    const FileReloader::Event event = file_->poll();
    report_reload("nodes", event, file_->failure(), log_, counters_.node_file);
    if (file_->failure().empty()) file_read_at_ = std::chrono::steady_clock::now();
  }
  if (watcher_) {
    const NodeWatchStatus status = watcher_->status();
    counters_.node_lists.set(status.lists);
    counters_.node_watches.set(status.watches);
    counters_.node_events.set(status.events);
    counters_.node_errors.set(status.errors);
    counters_.node_mark_writes.set(marker_->status().writes);
    counters_.node_mark_failures.set(marker_->status().failures);
  }
}

void NodeSource::report(const SnapshotKeeper& snapshots, Readiness& readiness) const {
  if (!is_configured()) return;
  const auto since = age().value_or(std::chrono::nanoseconds::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  std::string text = snapshots.nodes_known()
                         ? fmt::format("{} nodes, confirmed {} s ago{}", snapshots.node_count(),
                                       seconds.count(), snapshots.nodes_stale() ? ", stale" : "")
                         : "not listed yet";
  readiness.set("nodes", snapshots.nodes_known(), with_failure(std::move(text), failure()));
  counters_.nodes.set(snapshots.node_count());
  counters_.nodes_stale.set(snapshots.nodes_stale() ? 1 : 0);
  counters_.nodes_age_milliseconds.set(
      static_cast<std::uint64_t>(since / std::chrono::milliseconds(1)));
}

std::optional<std::chrono::nanoseconds> NodeSource::age() const {
  const auto confirmed_at = watcher_ ? watcher_->status().confirmed_at : file_read_at_;
  if (!confirmed_at) return std::nullopt;
  return std::chrono::steady_clock::now() - *confirmed_at;
}

std::string NodeSource::failure() const {
  if (watcher_) return watcher_->status().last_error;
  return file_ ? file_->failure() : std::string();
}

}  // namespace cvm::webhook
