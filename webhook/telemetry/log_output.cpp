#include "webhook/telemetry/log_output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace cvm::webhook {

LogOutput::LogOutput(int descriptor) : descriptor_(descriptor), thread_([this] { run(); }) {}

LogOutput::~LogOutput() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void LogOutput::submit(std::string_view lines) {
  if (lines.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + lines.size() > kMaxWaiting) {
      dropped_bytes_.add(lines.size());
      return;
    }
    waiting_.append(lines);
  }
  changed_.notify_one();
}

void LogOutput::run() {
  std::string lines;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    lines.swap(waiting_);
    lock.unlock();
    write_all(lines);
    lines.clear();
    lock.lock();
  }
}

void LogOutput::write_all(std::string_view lines) const {
  while (!lines.empty()) {
    const ssize_t count = ::write(descriptor_, lines.data(), lines.size());
    if (count >= 0) {
      lines.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd wait{descriptor_, POLLOUT, 0};
      ::poll(&wait, 1, 1000);
    } else if (errno != EINTR) {
      return;  // nobody reads the log; there is nowhere to say so
    }
  }
}

}  // namespace cvm::webhook
