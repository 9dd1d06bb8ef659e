// One frame:
//
//   u32 magic; u8 descriptor: one segment, and how many bytes state the size;
//   u8, u16 (less 256) or u32 size blocks of at most 128 KiB: u24 last | type
//   << 1 | size << 3; types: 0 raw, 1 repeated, 2 compressed
//     literals  2 | format << 2 | symbols << 4 | bytes of what follows, in 3, 4
//     or 5 bytes tree      u8 127 + weights; a weight for each symbol but the
//     last, 4 bits, the high ones first streams   u16 × 3, sizes of the first
//     three; four streams of a quarter of the symbols u8 0      sequences: none
#include "core/codec/huffman_frame.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "core/codec/huffman_code.hpp"

namespace garita::codec {
namespace {

constexpr size_t most_in_block = size_t{128} << 10;
constexpr uint32_t raw = 0, repeated = 1, compressed = 2;
constexpr size_t block_head = 3, jumps = 6;

// Symbols are counted by twos, in two tables that take turns: half the work,
// and a counter hardly ever waits for itself. Nothing where a symbol is too
// great.
class PairCounts {
 public:
  std::optional<Counts> count(const uint8_t* symbols, size_t size) {
    for (auto& table : found_) table.fill(0);
    uint64_t seen = 0;
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
      uint64_t eight;
      std::memcpy(&eight, symbols + i, sizeof eight);
      seen |= eight;
      const uint64_t pairs = (eight & 0x003F003F003F003F) | (eight >> 2 & 0x0FC00FC00FC00FC0);
      ++found_[0][pairs & 0xFFFF];
      ++found_[1][pairs >> 16 & 0xFFFF];
      ++found_[0][pairs >> 32 & 0xFFFF];
      ++found_[1][pairs >> 48];
    }
    Counts counts{};
    for (; i < size; ++i) {
      seen |= symbols[i];
      ++counts[symbols[i] % huffman_symbols];
    }
    if ((seen & 0xC0C0C0C0C0C0C0C0) != 0) return std::nullopt;
    add_to(counts);
    return counts;
  }

 private:
  void add_to(Counts& counts) const {
    for (size_t second = 0; second < huffman_symbols; ++second) {
      const uint16_t* const first = &found_[0][second * huffman_symbols];
      const uint16_t* const also = &found_[1][second * huffman_symbols];
      uint32_t sum = 0;
      for (size_t symbol = 0; symbol < huffman_symbols; ++symbol) {
        const uint32_t pairs = uint32_t{first[symbol]} + also[symbol];
        counts[symbol] += pairs;
        sum += pairs;
      }
      counts[second] += sum;
    }
  }

  // A block has 65536 pairs at most, half of them for each table.
  std::array<std::array<uint16_t, huffman_symbols * huffman_symbols>, 2> found_;
};

void put_number(uint8_t* at, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) at[i] = static_cast<uint8_t>(value >> (8 * i));
}

uint8_t* put_tree(const HuffmanCode& code, uint8_t* to) {
  *to++ = static_cast<uint8_t>(127 + code.last);
  const auto weight = [&](uint32_t symbol) -> uint32_t {
    const uint32_t length = symbol < code.last ? code.length(symbol) : 0;
    return length > 0 ? code.longest + 1 - length : 0;
  };
  for (uint32_t symbol = 0; symbol < code.last; symbol += 2)
    *to++ = static_cast<uint8_t>(weight(symbol) << 4 | weight(symbol + 1));
  return to;
}

uint8_t* put_streams(const uint8_t* symbols, size_t count, const HuffmanCode& code, const Kernels& kernels,
                     uint8_t* to) {
  uint8_t* const sizes = to;
  const size_t quarter = (count + 3) / 4;
  to += jumps;
  for (size_t stream = 0; stream < 4; ++stream) {
    const size_t from = stream * quarter, here = std::min(quarter, count - from);
    const size_t size = kernels.pack(symbols + from, here, code.codes.data(), to);
    if (stream < 3) put_number(sizes + 2 * stream, size, 2);
    to += size;
  }
  return to;
}

size_t literals_head(size_t count) { return count < 1024 ? 3 : count < 16384 ? 4 : 5; }

// Room for the worst: codes of 11 bits, and what pack() writes beyond.
size_t room_for(size_t count) { return count / 2 * 3 + 256; }

// The content of a compressed block; 0 where it would not be smaller.
size_t put_compressed(const uint8_t* symbols, size_t count, const HuffmanCode& code, const Kernels& kernels,
                      uint8_t* to) {
  const size_t head = literals_head(count);
  uint8_t* const body = to + head;
  uint8_t* end = put_streams(symbols, count, code, kernels, put_tree(code, body));
  const auto size = static_cast<size_t>(end - body);
  if (head + size + 1 >= count) return 0;
  const uint32_t size_bits = head == 3 ? 10 : head == 4 ? 14 : 18;
  put_number(to, 2u | (head - 2) << 2 | uint64_t{count} << 4 | uint64_t{size} << (4 + size_bits), head);
  *end++ = 0;
  return static_cast<size_t>(end - to);
}

bool put_block(const uint8_t* symbols, size_t count, bool last, const Kernels& kernels, Buffer& out) {
  PairCounts pairs;
  const auto counts = pairs.count(symbols, count);
  if (!counts) return false;
  uint8_t* const to = out.room(block_head + room_for(count));
  const auto head = [&](uint32_t type, size_t size) {
    put_number(to, uint64_t{last} | type << 1 | uint64_t{size} << 3, block_head);
  };
  if ((*counts)[symbols[0]] == count) {
    head(repeated, count);
    to[block_head] = symbols[0];
    return out.grow(block_head + 1), true;
  }
  size_t size = put_compressed(symbols, count, huffman_code(*counts), kernels, to + block_head);
  head(size > 0 ? compressed : raw, size > 0 ? size : count);
  if (size == 0) std::memcpy(to + block_head, symbols, size = count);
  return out.grow(block_head + size), true;
}

void put_head(size_t size, Buffer& out) {
  out.put(uint32_t{0xFD2FB528});
  const uint32_t bytes = size < 256 ? 1 : size < 65536 + 256 ? 2 : 4;
  out.put(static_cast<uint8_t>(0x20 | (bytes / 2) << 6));  // 0, 1, 2 for 1, 2, 4 bytes
  if (bytes == 1) out.put(static_cast<uint8_t>(size));
  if (bytes == 2) out.put(static_cast<uint16_t>(size - 256));
  if (bytes == 4) out.put(static_cast<uint32_t>(size));
}

}  // namespace

size_t append_huffman_frame(base::Bytes bytes, size_t parts, const Kernels& kernels, Buffer& out) {
  if (bytes.size() < fewest_huffman_symbols) return 0;
  const auto* symbols = reinterpret_cast<const uint8_t*>(bytes.data());
  const size_t start = out.size();
  put_head(bytes.size(), out);
  const size_t blocks = std::max(parts, (bytes.size() + most_in_block - 1) / most_in_block);
  for (size_t block = 0; block < blocks; ++block) {
    const size_t from = bytes.size() * block / blocks, to = bytes.size() * (block + 1) / blocks;
    if (!put_block(symbols + from, to - from, block + 1 == blocks, kernels, out)) return out.shrink(start), 0;
  }
  return out.size() - start;
}

}  // namespace garita::codec
