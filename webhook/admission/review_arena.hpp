// ReviewArena: the memory that one decoded review's lists take, given back all at once.
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <optional>

namespace cvm::webhook {

// Hands out memory from one buffer. When a review did not fit, the buffer is larger for the next
// one (up to kLargestKept), so that reviews of the usual size need no allocation.
class ReviewArena {
 public:
  static constexpr std::size_t kFirst = std::size_t{32} << 10;  // holds a pod of some containers
  static constexpr std::size_t kLargestKept = std::size_t{1} << 20;

  ReviewArena() { reset(); }

  std::pmr::memory_resource* resource() { return &*resource_; }

  // Everything that was handed out is void.
  void reset();

 private:
  class Overflow : public std::pmr::memory_resource {
   public:
    std::size_t bytes = 0;

   private:
    void* do_allocate(std::size_t size, std::size_t alignment) override;
    void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override;
    bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override;
  };

  std::unique_ptr<std::byte[]> buffer_;
  std::size_t size_ = 0;
  Overflow overflow_;
  std::optional<std::pmr::monotonic_buffer_resource> resource_;
};

}  // namespace cvm::webhook
