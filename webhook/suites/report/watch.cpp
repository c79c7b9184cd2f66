#include "webhook/suites/report/watch.hpp"

#include <csignal>
#include <ctime>
#include <filesystem>
#include <system_error>

namespace cvm::webhook {

namespace {

namespace fs = std::filesystem;

constexpr long kPollNanoseconds = 500'000'000;

volatile std::sig_atomic_t signal_received = 0;

void note_signal(int) { signal_received = 1; }

void set_handlers(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;  // without SA_RESTART: the wait ends at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

WatchSignals::WatchSignals() {
  signal_received = 0;
  set_handlers(note_signal);
}

WatchSignals::~WatchSignals() { set_handlers(SIG_DFL); }

bool WatchSignals::received() { return signal_received != 0; }

FileState FileState::of(const std::vector<std::string>& paths) {
  FileState state;
  // A file may go at any moment: what cannot be looked at is as if it were not there.
  const auto add = [&state](const fs::path& file) {
    std::error_code error;
    const auto time = fs::last_write_time(file, error);
    if (error) return;
    const std::uintmax_t size = fs::file_size(file, error);
    state.files_[file.lexically_normal().string()] = {time.time_since_epoch().count(), size};
  };
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      add(path);
      continue;
    }
    fs::recursive_directory_iterator entry(path, error), end;
    while (!error && entry != end) {
      const fs::path extension = entry->path().extension();
      if (extension == ".yaml" || extension == ".yml") add(entry->path());
      entry.increment(error);
    }
  }
  return state;
}

std::string FileState::changed_in(const FileState& later) const {
  for (const auto& [file, look] : later.files_) {
    const auto found = files_.find(file);
    if (found == files_.end() || found->second != look) return file;
  }
  for (const auto& [file, look] : files_) {
    if (!later.files_.contains(file)) return file;
  }
  return "";
}

std::string wait_for_change(const std::vector<std::string>& paths, const FileState& before) {
  while (!WatchSignals::received()) {
    const timespec pause = {0, kPollNanoseconds};
    nanosleep(&pause, nullptr);
    std::string changed = before.changed_in(FileState::of(paths));
    if (!changed.empty()) return changed;
  }
  return "";
}

}  // namespace cvm::webhook
