// Watching: a NodeWatcher on a thread of its own, and what it said so far.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "webhook/kubernetes/watchers/node_watcher.hpp"

namespace cvm::webhook {

// Retries at once, so that a test of a retry is quick.
inline NodeWatchTuning quick_tuning() {
  NodeWatchTuning tuning;
  tuning.backoff_first = std::chrono::milliseconds{2};
  tuning.backoff_most = std::chrono::milliseconds{20};
  tuning.seed = 1;
  return tuning;
}

class Watching {
 public:
  explicit Watching(ClusterAccess access, NodeWatchTuning tuning = quick_tuning(),
                    std::chrono::milliseconds min_interval = std::chrono::milliseconds{1})
      : watcher_(
            io_.get_executor(), std::move(access),
            [this](const std::shared_ptr<const NodeCatalog>& nodes) { note_nodes(*nodes); },
            [this](bool is_error, const std::string& line) { note_line(is_error, line); },
            min_interval, std::move(tuning)) {
    watcher_.start();
    thread_ = std::thread([this] { io_.run(); });
  }

  ~Watching() { stop(); }

  // Returns once the watcher has nothing left to do.
  void stop() {
    watcher_.stop();
    if (thread_.joinable()) thread_.join();
  }

  // Whether it came true within ten seconds, several times that under a sanitizer's load.
  bool wait_until(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::chrono::steady_clock::now() < deadline) {
      lock.unlock();
      const bool now = condition();
      lock.lock();
      if (now) return true;
      changed_.wait_for(lock, std::chrono::milliseconds{5});
    }
    return false;
  }

  // "a=6.8.0 b=5.4" of the last call of on_nodes; "-" before the first.
  std::string nodes() const {
    const std::lock_guard lock(mutex_);
    return nodes_;
  }
  bool wait_for_nodes(const std::string& expected) {
    return wait_until([&] { return nodes() == expected; });
  }
  std::size_t calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  bool wait_for_error(const std::string& part) {
    return wait_until([&] { return errors().find(part) != std::string::npos; });
  }
  std::string errors() const {
    const std::lock_guard lock(mutex_);
    return errors_;
  }
  NodeWatchStatus status() const { return watcher_.status(); }

 private:
  void note_nodes(const NodeCatalog& nodes) {
    const std::lock_guard lock(mutex_);
    ++calls_;
    nodes_.clear();
    std::map<std::string, std::string> kernels;
    nodes.for_each_node([&](const std::string& name, const NodeEntry& entry) {
      kernels[name] = (*nodes.classes)[entry.node_class]->kernel_version;
    });
    for (const auto& [name, kernel] : kernels) {
      nodes_ += (nodes_.empty() ? "" : " ") + name + "=" + kernel;
    }
    changed_.notify_all();
  }
  void note_line(bool is_error, const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (is_error) errors_ += line + "\n";
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string nodes_ = "-";
  std::string errors_;
  std::size_t calls_ = 0;

  boost::asio::io_context io_{1};
  NodeWatcher watcher_;
  std::thread thread_;
};

}  // namespace cvm::webhook
