// Counter: a number that one thread adds to and any thread reads, without a lock.
#pragma once

#include <atomic>
#include <cstdint>

namespace cvm::webhook {

class Counter {
 public:
  // One writing thread: a load and a store, not a locked instruction.
  void add(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - amount, std::memory_order_relaxed);
  }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace cvm::webhook
