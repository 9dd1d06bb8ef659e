// A rectangle of 16-bit numbers as a browser takes it apart without a library.
//
//   difference  d = number - the one at its left (the first of a row: - 0), modulo 65536
//   sign        z = d << 1 ^ d >> 15: small differences of either sign are small numbers
//   split       all low bytes of z, then all high bytes
//   deflate     raw (RFC 1951), which DecompressionStream('deflate-raw') undoes
//
// An X-ray's noise is in the low bytes, where nothing but Huffman's code helps; the high bytes are almost all
// 0.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::host {

// Keeps its memory from tile to tile. One thread at a time.
class TileCoder {
 public:
  TileCoder();
  ~TileCoder();
  TileCoder(const TileCoder&) = delete;
  TileCoder& operator=(const TileCoder&) = delete;

  // rows × columns numbers, the next row `stride` numbers behind the one before. The bytes stay valid until
  // the next call. host.page_memory where there is none.
  base::Result<std::span<const std::byte>> code(const uint16_t* numbers, size_t rows, size_t columns,
                                                size_t stride);

 private:
  struct Deflate;
  std::unique_ptr<Deflate> deflate_;
  std::vector<std::byte> split_, coded_;
};

}  // namespace garita::host
