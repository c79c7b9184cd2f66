// Choices: what a generator decides by. It is a list of numbers, so that rapidcheck can shrink
// whatever is made of it: fewer and smaller numbers make something simpler, and all zeros (or none
// at all) the simplest. So generators put the simplest outcome first, or where chance() is false.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cvm::testing {

class Choices {
 public:
  // `numbers` must outlive the choices.
  explicit Choices(std::span<const std::uint32_t> numbers) : numbers_(numbers) {}

  // Of 0 to limit - 1; `limit` is not 0.
  std::size_t below(std::size_t limit);
  bool chance(double probability);
  template <typename List>
  auto of(const List& list) {
    return list[below(list.size())];
  }

  // More were made than there are numbers: the rest are zeros.
  bool ran_out() const { return position_ > numbers_.size(); }

  // For people, of a case that failed and is run once more: what was made. Elsewhere `text` is not
  // called, for it is most of what a case would cost.
  template <typename Text>
  void explain(Text&& text) {
    if (explains_) explanation_ += text() + "\n";
  }
  void collect_explanation() { explains_ = true; }
  const std::string& explanation() const { return explanation_; }

 private:
  std::uint32_t next();

  std::span<const std::uint32_t> numbers_;
  std::size_t position_ = 0;
  bool explains_ = false;
  std::string explanation_;
};

}  // namespace cvm::testing
