#include "policies/nodes/node_set.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace cvm {

namespace {

constexpr std::uint64_t bit_of(std::uint32_t node) { return std::uint64_t{1} << (node % 64); }

std::uint32_t weigh_word(std::size_t word, std::uint64_t bits,
                         std::span<const std::uint32_t> weights) {
  std::uint32_t total = 0;
  for (; bits != 0; bits &= bits - 1) {
    total += weights[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))];
  }
  return total;
}

}  // namespace

void fill_all(Bitset& bits, std::size_t nodes) {
  bits.assign(bitset_words(nodes), ~std::uint64_t{0});
  if (nodes % 64 != 0) bits.back() = (std::uint64_t{1} << (nodes % 64)) - 1;
}

void fill_none(Bitset& bits, std::size_t nodes) { bits.assign(bitset_words(nodes), 0); }

std::uint32_t count(const Bitset& bits) {
  std::uint32_t total = 0;
  for (std::uint64_t word : bits) total += static_cast<std::uint32_t>(std::popcount(word));
  return total;
}

std::uint32_t weigh(const Bitset& bits, std::span<const std::uint32_t> weights) {
  std::uint32_t total = 0;
  for (std::size_t word = 0; word < bits.size(); ++word) {
    total += weigh_word(word, bits[word], weights);
  }
  return total;
}

void keep(Bitset& bits, const Bitset& other) {
  for (std::size_t word = 0; word < bits.size(); ++word) bits[word] &= other[word];
}

void remove(Bitset& bits, const Bitset& other) {
  for (std::size_t word = 0; word < bits.size(); ++word) bits[word] &= ~other[word];
}

void add(Bitset& bits, const Bitset& other) {
  for (std::size_t word = 0; word < bits.size(); ++word) bits[word] |= other[word];
}

NodeSet::NodeSet(std::vector<std::uint32_t> positions, std::size_t nodes) {
  if (positions.size() <= 2 * bitset_words(nodes)) {
    positions.shrink_to_fit();
    positions_ = std::move(positions);
    return;
  }
  fill_none(words_, nodes);
  for (std::uint32_t node : positions) words_[node / 64] |= bit_of(node);
}

void NodeSet::add_to(Bitset& bits) const {
  if (!words_.empty()) return add(bits, words_);
  for (std::uint32_t node : positions_) bits[node / 64] |= bit_of(node);
}

void NodeSet::remove_from(Bitset& bits) const {
  if (!words_.empty()) return remove(bits, words_);
  for (std::uint32_t node : positions_) bits[node / 64] &= ~bit_of(node);
}

void NodeSet::keep_in(Bitset& bits) const {
  if (!words_.empty()) return keep(bits, words_);
  auto next = positions_.begin();
  for (std::size_t word = 0; word < bits.size(); ++word) {
    std::uint64_t mask = 0;
    for (; next != positions_.end() && *next / 64 == word; ++next) mask |= bit_of(*next);
    bits[word] &= mask;
  }
}

bool NodeSet::intersects(const Bitset& bits) const {
  for (std::size_t word = 0; word < words_.size(); ++word) {
    if ((bits[word] & words_[word]) != 0) return true;
  }
  return std::any_of(positions_.begin(), positions_.end(),
                     [&bits](std::uint32_t node) { return (bits[node / 64] & bit_of(node)) != 0; });
}

bool NodeSet::covers(const Bitset& bits) const {
  auto next = positions_.begin();
  for (std::size_t word = 0; word < bits.size(); ++word) {
    std::uint64_t mask = words_.empty() ? 0 : words_[word];
    for (; next != positions_.end() && *next / 64 == word; ++next) mask |= bit_of(*next);
    if ((bits[word] & ~mask) != 0) return false;
  }
  return true;
}

std::uint32_t NodeSet::weigh_in(const Bitset& bits, std::span<const std::uint32_t> weights) const {
  std::uint32_t total = 0;
  for (std::size_t word = 0; word < words_.size(); ++word) {
    total += weigh_word(word, bits[word] & words_[word], weights);
  }
  for (std::uint32_t node : positions_) {
    if ((bits[node / 64] & bit_of(node)) != 0) total += weights[node];
  }
  return total;
}

}  // namespace cvm
