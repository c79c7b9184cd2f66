// How long to wait before the next attempt.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace cvm::webhook {

// Doubles from `first` to `most`; each delay is drawn from the upper half of its step, so that many
// clients that lost the same server come back one by one.
class Backoff {
 public:
  using Duration = std::chrono::milliseconds;

  Backoff(Duration first, Duration most, std::uint64_t seed)
      : first_(first), most_(most), step_(first), random_(seed) {}

  Duration next() {
    const Duration step = step_;
    step_ = std::min(step_ * 2, most_);
    return draw(step);
  }

  // A delay of its own that leaves the steps as they are.
  Duration draw(Duration step) {
    std::uniform_int_distribution<Duration::rep> delays(step.count() / 2, step.count());
    return Duration{delays(random_)};
  }

  void reset() { step_ = first_; }

 private:
  Duration first_, most_, step_;
  std::mt19937_64 random_;
};

}  // namespace cvm::webhook
