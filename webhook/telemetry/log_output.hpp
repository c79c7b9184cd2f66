// LogOutput: where log lines go, written by a thread of its own.
//
// Threads hand over whole lines, many at once, and never wait for whoever reads the log: when that
// falls behind by kMaxWaiting bytes, lines are dropped and counted.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "webhook/telemetry/counter.hpp"

namespace cvm::webhook {

class LogOutput {
 public:
  static constexpr std::size_t kMaxWaiting = 16 * 1024 * 1024;

  // `descriptor` is not closed.
  explicit LogOutput(int descriptor);
  // Writes what is waiting, then ends the thread.
  ~LogOutput();
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;

  // Whole lines. Any thread.
  void submit(std::string_view lines);

  std::uint64_t dropped_bytes() const { return dropped_bytes_.value(); }

 private:
  void run();
  void write_all(std::string_view lines) const;

  const int descriptor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  bool stopping_ = false;
  Counter dropped_bytes_;
  std::thread thread_;
};

}  // namespace cvm::webhook
