#include "core/codec/huffman_code.hpp"

#include <algorithm>

namespace garita::codec {
namespace {

struct Leaves {
  std::array<uint64_t, huffman_symbols> keys;  // count and symbol, the rarest first
  size_t size = 0;

  explicit Leaves(const Counts& counts) {
    for (size_t symbol = 0; symbol < counts.size(); ++symbol)
      if (counts[symbol] > 0) keys[size++] = uint64_t{counts[symbol]} << 6 | symbol;
    std::sort(keys.begin(), keys.begin() + static_cast<ptrdiff_t>(size));
  }
  uint64_t count(size_t leaf) const { return keys[leaf] >> 6; }
  size_t symbol(size_t leaf) const { return keys[leaf] & 63; }
};

using PerLength = std::array<uint32_t, huffman_bits + 1>;

// How many leaves of Huffman's tree lie how deep; what lies too deep is counted
// at the limit. Leaves and inner nodes both become greater as they are taken:
// two queues will do.
PerLength depths(const Leaves& leaves) {
  std::array<uint64_t, huffman_symbols> weight{};              // of inner nodes
  std::array<uint8_t, 2 * huffman_symbols> parent{}, depth{};  // of leaves, then of inner nodes
  const size_t inner = leaves.size - 1;
  size_t next_leaf = 0, next_inner = 0;
  for (size_t made = 0; made < inner; ++made) {
    for (int child = 0; child < 2; ++child) {
      const bool leaf =
          next_leaf < leaves.size && (next_inner == made || leaves.count(next_leaf) <= weight[next_inner]);
      weight[made] += leaf ? leaves.count(next_leaf) : weight[next_inner];
      parent[leaf ? next_leaf++ : leaves.size + next_inner++] = static_cast<uint8_t>(leaves.size + made);
    }
  }
  PerLength found{};
  for (size_t node = leaves.size + inner - 1; node-- > 0;) {  // the root's depth is 0
    depth[node] = static_cast<uint8_t>(depth[parent[node]] + 1);
    if (node < leaves.size) ++found[std::min<uint32_t>(depth[node], huffman_bits)];
  }
  return found;
}

// What was cut at the limit claims more than there is, in units of the longest
// code. Each step gives one back: a leaf sinks by a level, and one from the
// limit comes beside it.
void make_complete(PerLength& lengths) {
  int64_t excess = -(int64_t{1} << huffman_bits);
  for (uint32_t length = 1; length <= huffman_bits; ++length)
    excess += int64_t{lengths[length]} << (huffman_bits - length);
  for (; excess > 0; --excess) {
    uint32_t length = huffman_bits - 1;
    while (lengths[length] == 0) --length;
    --lengths[length];
    lengths[length + 1] += 2;
    --lengths[huffman_bits];
  }
}

}  // namespace

HuffmanCode huffman_code(const Counts& counts) {
  const Leaves leaves(counts);
  PerLength lengths = depths(leaves);
  make_complete(lengths);
  HuffmanCode code;
  std::array<uint8_t, huffman_symbols> length_of{};
  size_t leaf = 0;
  for (uint32_t length = huffman_bits; length > 0; --length) {
    if (lengths[length] > 0) code.longest = std::max(code.longest, length);
    for (uint32_t i = 0; i < lengths[length]; ++i)
      length_of[leaves.symbol(leaf++)] = static_cast<uint8_t>(length);
  }
  // Numbers rise from the longest codes to the shortest, and with the symbols
  // of each length.
  std::array<uint32_t, huffman_bits + 2> next{};
  for (uint32_t length = huffman_bits; length > 0; --length)
    next[length] = (next[length + 1] + (length < huffman_bits ? lengths[length + 1] : 0)) >> 1;
  for (uint32_t symbol = 0; symbol < huffman_symbols; ++symbol) {
    const uint32_t length = length_of[symbol];
    if (length == 0) continue;
    code.codes[symbol] = static_cast<uint16_t>(next[length]++ | length << huffman_bits);
    code.last = symbol;
  }
  return code;
}

}  // namespace garita::codec
