#include "webhook/admission/review_arena.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace cvm::webhook {

void ReviewArena::reset() {
  resource_.reset();
  const std::size_t wanted =
      std::clamp(std::bit_ceil(size_ + overflow_.bytes), kFirst, kLargestKept);
  overflow_.bytes = 0;
  if (wanted > size_) {
    size_ = 0;  // stays true when the allocation fails
    buffer_ = std::make_unique_for_overwrite<std::byte[]>(wanted);
    size_ = wanted;
  }
  resource_.emplace(buffer_.get(), size_, &overflow_);
}

void* ReviewArena::Overflow::do_allocate(std::size_t size, std::size_t alignment) {
  void* const memory = ::operator new(size, std::align_val_t{alignment});
  bytes += size;
  return memory;
}

void ReviewArena::Overflow::do_deallocate(void* memory, std::size_t size, std::size_t alignment) {
  ::operator delete(memory, size, std::align_val_t{alignment});
}

bool ReviewArena::Overflow::do_is_equal(const std::pmr::memory_resource& other) const noexcept {
  return this == &other;
}

}  // namespace cvm::webhook
