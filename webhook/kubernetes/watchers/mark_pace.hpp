// MarkPace: when a node may be written.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace cvm::webhook {

// A rate with a burst: each take() uses one of what the time since has brought.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  TokenBucket(double per_second, double burst)
      : per_second_(per_second), burst_(burst), tokens_(burst) {}

  // How long to wait until one can be taken; zero: it was taken.
  std::chrono::milliseconds take(Clock::time_point now) {
    if (last_) {
      const std::chrono::duration<double> since = now - *last_;
      tokens_ = std::min(burst_, tokens_ + since.count() * per_second_);
    }
    last_ = now;
    if (tokens_ >= 1) {
      tokens_ -= 1;
      return std::chrono::milliseconds::zero();
    }
    return std::chrono::milliseconds(static_cast<int>((1 - tokens_) / per_second_ * 1000) + 1);
  }

 private:
  double per_second_, burst_, tokens_;
  std::optional<Clock::time_point> last_;
};

// What was written to which node, so that a node which never keeps its marks, as when somebody
// else writes others, is written less and less often.
class WrittenMarks {
 public:
  using Clock = std::chrono::steady_clock;
  using Duration = std::chrono::milliseconds;

  WrittenMarks(Duration first, Duration most) : first_(first), most_(most) {}

  // When the node may be written with these marks; nothing: at once.
  std::optional<Clock::time_point> not_before(const std::string& node, std::uint64_t digest) const {
    const auto found = written_.find(node);
    if (found == written_.end() || found->second.digest != digest) return std::nullopt;
    return found->second.not_before;
  }

  void note(const std::string& node, std::uint64_t digest, Clock::time_point now) {
    Entry& entry = written_[node];
    entry.delay = entry.digest == digest && entry.delay > Duration::zero()
                      ? std::min(entry.delay * 2, most_)
                      : first_;
    entry.digest = digest;
    entry.not_before = now + entry.delay;
  }

  // Of nodes that kept their marks for long enough.
  void forget_old(Clock::time_point now) {
    std::erase_if(written_, [&](const auto& one) { return one.second.not_before + most_ < now; });
  }

 private:
  struct Entry {
    std::uint64_t digest = 0;
    Duration delay{0};
    Clock::time_point not_before;
  };

  Duration first_, most_;
  std::unordered_map<std::string, Entry> written_;
};

}  // namespace cvm::webhook
