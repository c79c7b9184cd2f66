#include "tests/property/choices.hpp"

namespace cvm::testing {

namespace {

constexpr double kNumbers = 4294967296.0;  // how many a std::uint32_t has

}  // namespace

std::uint32_t Choices::next() {
  const std::size_t position = position_++;
  return position < numbers_.size() ? numbers_[position] : 0;
}

std::size_t Choices::below(std::size_t limit) {
  return static_cast<std::size_t>((std::uint64_t{next()} * limit) >> 32);
}

bool Choices::chance(double probability) {
  return static_cast<double>(next()) >= (1 - probability) * kNumbers;
}

}  // namespace cvm::testing
