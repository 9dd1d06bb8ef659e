// A Huffman code as zstd knows it (RFC 8878, 4.2): no code is longer than 11
// bits, and none is left over.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace garita::codec {

inline constexpr size_t huffman_symbols = 64;  // more are left to zstd itself
inline constexpr uint32_t huffman_bits = 11;   // of the longest code

struct HuffmanCode {
  // Of each symbol: the code in the low 11 bits, its length above; 0 for one
  // that does not occur.
  alignas(64) std::array<uint16_t, huffman_symbols> codes{};
  uint32_t longest = 0;  // bits of the longest code used
  uint32_t last = 0;     // the greatest symbol that occurs

  uint32_t length(size_t symbol) const { return codes[symbol] >> huffman_bits; }
};

using Counts = std::array<uint32_t, huffman_symbols>;

// The best code for symbols that occur so often, at least two of them; where
// the limit of 11 bits is felt, nearly the best. The same on every machine.
HuffmanCode huffman_code(const Counts& counts);

}  // namespace garita::codec
