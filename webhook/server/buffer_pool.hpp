// BufferPool: the read buffers of one thread's connections.
//
// A connection has a buffer only while a request of its is under way, so that idle connections cost
// nothing here and busy ones reuse memory that is still in the cache.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace cvm::webhook {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t size)
      : bytes_(std::make_unique_for_overwrite<char[]>(size)), size_(size) {}
  Buffer(Buffer&& other) noexcept
      : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  char* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }

  // Keeps the first `used` bytes.
  void grow(std::size_t size, std::size_t used) {
    Buffer larger(size);
    std::memcpy(larger.data(), data(), used);
    *this = std::move(larger);
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

class BufferPool {
 public:
  // Room for a usual review with its head in one read; Beast would otherwise read 512 bytes at
  // once.
  static constexpr std::size_t kBufferBytes = 32 * 1024;
  static constexpr std::size_t kKeptBuffers = 32;

  Buffer take() {
    if (free_.empty()) return Buffer(kBufferBytes);
    Buffer buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
  }

  // Buffers that were grown, and more than kKeptBuffers, are freed.
  void give_back(Buffer buffer) {
    if (buffer.size() == kBufferBytes && free_.size() < kKeptBuffers) {
      free_.push_back(std::move(buffer));
    }
  }

 private:
  std::vector<Buffer> free_;
};

}  // namespace cvm::webhook
