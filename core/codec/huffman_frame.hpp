// zstd frames (RFC 8878) of literals alone, written here: zstd's own way looks
// for matches that noise does not have, copies what it found none in, and codes
// one symbol at a time.
#pragma once

#include "core/base/bytes.hpp"
#include "core/codec/buffer.hpp"
#include "core/codec/kernels.hpp"

namespace garita::codec {

inline constexpr size_t fewest_huffman_symbols = 256;

// Appends a frame of `symbols` and returns its size; 0, and nothing is
// appended, where a symbol is 64 or more or there are fewer than
// fewest_huffman_symbols. At least `parts` blocks, alike in size, each with a
// code of its own. With any kernels the frame is the same.
size_t append_huffman_frame(base::Bytes symbols, size_t parts, const Kernels& kernels, Buffer& out);

}  // namespace garita::codec
