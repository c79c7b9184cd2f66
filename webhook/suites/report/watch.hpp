// `test --watch`: waits until a file changes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cvm::webhook {

// SIGINT and SIGTERM end the wait instead of the process while one of these is there.
class WatchSignals {
 public:
  WatchSignals();
  ~WatchSignals();
  WatchSignals(const WatchSignals&) = delete;
  WatchSignals& operator=(const WatchSignals&) = delete;

  static bool received();
};

// What the files below some paths look like: time of the last change and size.
class FileState {
 public:
  // Of folders, the YAML files below them.
  static FileState of(const std::vector<std::string>& paths);

  // Adds the files of `other` that are not in this.
  void add_missing(FileState other) { files_.merge(other.files_); }
  // The first file that is other in `later`, came or went; empty: none.
  std::string changed_in(const FileState& later) const;

 private:
  std::map<std::string, std::pair<long long, std::uintmax_t>> files_;
};

// Looks twice a second until a file of `paths` differs from `before`, and returns which; empty: a
// signal came.
std::string wait_for_change(const std::vector<std::string>& paths, const FileState& before);

}  // namespace cvm::webhook
