#include "webhook/recording/recorder.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <new>
#include <stdexcept>
#include <utility>

#include "certs/files.hpp"
#include "webhook/recording/recording.hpp"

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;
using Json = Anonymizer::Json;

// Others of the machine are not to read which pods there were.
constexpr mode_t kFileMode = 0600;
// Of bytes: a smaller rest is as good as none.
constexpr std::size_t kLeastRoom = std::size_t{16} << 10U;
// In a row, as of a disk that is full.
constexpr std::size_t kMostFailures = 10;

// "20261128T190012.123456Z"
std::string now_as_text() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
                          now - std::chrono::system_clock::from_time_t(seconds))
                          .count();
  return fmt::format("{:%Y%m%dT%H%M%S}.{:06}Z", fmt::gmtime(seconds), micros);
}

std::string text_at(const Json& review, const char* pointer) {
  const Json::json_pointer place(pointer);
  if (!review.contains(place) || !review.at(place).is_string()) return {};
  std::string text = review.at(place);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char character) {
    return std::isalnum(character) != 0 ? static_cast<char>(std::tolower(character)) : '-';
  });
  return text.substr(0, 40);
}

}  // namespace

Recorder::Recorder(fs::path directory, RecordLimits limits, std::unique_ptr<EventLog> log)
    : directory_(std::move(directory)), limits_(limits), log_(std::move(log)) {
  if (!fs::is_directory(directory_)) {
    throw std::runtime_error(
        fmt::format("--record: expected a directory, found none at {}", directory_.string()));
  }
  const fs::path probe = directory_ / ".cvm-webhook-can-write";
  if (const auto written = certs::write_file_atomically(probe.string(), "", kFileMode); !written) {
    throw std::runtime_error(fmt::format("--record: {}", written.error().message));
  }
  fs::remove(probe);
  count_what_is_there();
  thread_ = std::thread([this] { run(); });
}

Recorder::~Recorder() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Recorder::count_what_is_there() {
  for (const fs::directory_entry& entry : fs::directory_iterator(directory_)) {
    if (!entry.is_regular_file() || entry.path().extension() != kRecordingExtension) continue;
    ++calls_;
    bytes_ += entry.file_size();
  }
}

void Recorder::submit(Endpoint endpoint, std::string_view review, std::string_view answer) {
  const std::size_t size = review.size() + answer.size();
  try {
    {
      const std::lock_guard lock(mutex_);
      if (done_) return;
      if (waiting_bytes_ + size > kMaxWaiting) {
        ++left_out_;
        return;
      }
      waiting_.push_back({endpoint, now_as_text(), std::string(review), std::string(answer)});
      waiting_bytes_ += size;
    }
    changed_.notify_one();
  } catch (const std::bad_alloc&) {
    // The call is answered; that it is recorded is a favour.
    const std::lock_guard lock(mutex_);
    ++left_out_;
  }
}

void Recorder::run() {
  for (;;) {
    std::deque<Call> calls;
    std::size_t left_out = 0;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      calls.swap(waiting_);
      waiting_bytes_ = 0;
      left_out = std::exchange(left_out_, 0);
    }
    if (left_out > 0) {
      log_->warn("calls not recorded: they came faster than they are written",
                 {{"calls", static_cast<std::int64_t>(left_out)}});
    }
    for (const Call& call : calls) {
      if (!is_full()) write(call);
    }
    if (is_full()) {
      log_->warn("recording ended", {{"calls", static_cast<std::int64_t>(calls_)},
                                     {"bytes", static_cast<std::int64_t>(bytes_)}});
      log_->flush();
      const std::lock_guard lock(mutex_);
      done_ = true;
      waiting_.clear();
      return;
    }
  }
}

void Recorder::write(const Call& call) {
  try {
    Json review = Json::parse(call.review);
    review["response"] = Json::parse(call.answer).at("response");
    anonymizer_.anonymize(review);
    const std::string_view endpoint = to_string(call.endpoint);
    review[kEndpointKey] = endpoint;
    // Other processes may write into the directory, too.
    std::string name = fmt::format("{}-{}-{:06}-{}", call.time, ::getpid(), ++number_, endpoint);
    for (const char* part :
         {"/request/operation", "/request/resource/resource", "/request/subResource"}) {
      if (const std::string text = text_at(review, part); !text.empty()) name += "-" + text;
    }
    const std::string text = review.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
    if (bytes_ + text.size() > limits_.bytes) {
      // Many smaller ones may find room yet.
      if (limits_.bytes - bytes_ <= kLeastRoom) has_room_ = false;
      log_->warn("a call was not recorded: it is larger than what is left",
                 {{"bytes", static_cast<std::int64_t>(text.size())}});
      return;
    }
    const fs::path file = directory_ / (name + std::string(kRecordingExtension));
    const auto written = certs::write_file_atomically(file.string(), text, kFileMode);
    if (!written) throw std::runtime_error(written.error().message);
    ++calls_;
    bytes_ += text.size();
    failures_ = 0;
  } catch (const std::exception& error) {
    log_->warn("a call was not recorded", {{"reason", error.what()}});
    if (++failures_ == kMostFailures) has_room_ = false;
  }
}

}  // namespace cvm::webhook
