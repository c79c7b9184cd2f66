// NodeSet: some of an inventory's node classes, by position; made once, combined with bitsets per
// request. Below, "node" is a position; what stands at it is the inventory's affair.
//
// A bitset is a vector of 64-bit words, node n being bit n % 64 of word n / 64. Bits past the last
// node are zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cvm {

using Bitset = std::vector<std::uint64_t>;

constexpr std::size_t bitset_words(std::size_t nodes) { return (nodes + 63) / 64; }

// Sets the bits of all `nodes` nodes, or of none.
void fill_all(Bitset& bits, std::size_t nodes);
void fill_none(Bitset& bits, std::size_t nodes);

std::uint32_t count(const Bitset& bits);
// Sum of the weights of those whose bits are set.
std::uint32_t weigh(const Bitset& bits, std::span<const std::uint32_t> weights);
void keep(Bitset& bits, const Bitset& other);    // bits &= other
void remove(Bitset& bits, const Bitset& other);  // bits &= ~other
void add(Bitset& bits, const Bitset& other);     // bits |= other

// Kept as sorted positions while that is the smaller form, as a bitset else: labels such as
// kubernetes.io/hostname have as many values as there are nodes.
class NodeSet {
 public:
  // `positions` are ascending and less than `nodes`.
  NodeSet(std::vector<std::uint32_t> positions, std::size_t nodes);

  // `bits` has bitset_words(nodes) words in all of these.
  void add_to(Bitset& bits) const;
  void remove_from(Bitset& bits) const;
  void keep_in(Bitset& bits) const;
  bool intersects(const Bitset& bits) const;
  bool covers(const Bitset& bits) const;  // all of them are in the set
  std::uint32_t weigh_in(const Bitset& bits, std::span<const std::uint32_t> weights) const;

 private:
  std::vector<std::uint32_t> positions_;  // empty when words_ is in use
  Bitset words_;
};

}  // namespace cvm
