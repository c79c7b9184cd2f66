// Recorder: writes the calls that were decided into a directory, anonymized, for `replay`.
//
// A thread of its own does that; the threads that answer calls hand over copies and never wait for
// the disk. Each call is one file, an AdmissionReview with request and response and the endpoint
// that was asked (recording.hpp), complete from the moment that its name is there.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "webhook/admission/admission_handler.hpp"
#include "webhook/recording/anonymizer.hpp"
#include "webhook/telemetry/event_log.hpp"

namespace cvm::webhook {

struct RecordLimits {
  std::size_t calls = 1000;
  std::size_t bytes = std::size_t{64} << 20U;
};

class Recorder {
 public:
  // Bytes that may wait for the disk; calls that find no room are left out.
  static constexpr std::size_t kMaxWaiting = std::size_t{16} << 20U;

  // What earlier recordings left in `directory` counts. Throws std::runtime_error when nothing can
  // be written there.
  Recorder(std::filesystem::path directory, RecordLimits limits, std::unique_ptr<EventLog> log);
  // Writes what waits.
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // A call that was decided, and its answer. Any thread.
  void submit(Endpoint endpoint, std::string_view review, std::string_view answer);

 private:
  struct Call {
    Endpoint endpoint;
    std::string time, review, answer;
  };

  void run();
  void write(const Call& call);
  void count_what_is_there();
  bool is_full() const { return !has_room_ || calls_ >= limits_.calls || bytes_ >= limits_.bytes; }

  const std::filesystem::path directory_;
  const RecordLimits limits_;

  // Of the recorder's thread.
  Anonymizer anonymizer_;
  std::unique_ptr<EventLog> log_;
  std::size_t calls_ = 0, bytes_ = 0, number_ = 0;
  std::size_t failures_ = 0;  // in a row
  bool has_room_ = true;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Call> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t left_out_ = 0;
  bool stopping_ = false, done_ = false;
  std::thread thread_;
};

}  // namespace cvm::webhook
