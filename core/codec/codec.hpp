// Tiles of pixels, coded without loss. A tile is some rows of one plane, coded on its own, so that a scan can
// be written as it arrives, read at any place, and worked on by several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace garita::codec {

// The numbers stand in files: never change or reuse one.
enum class Id : uint16_t {
  zstd_planes = 1,  // byte planes, each one zstd frame (byte_planes.cpp draws it)
  predictive = 2,   // for samples of 8 and 16 bits (PREDICTIVE.md draws it)
};

// What a tile holds. Samples are little-endian and rows lie without gaps between them.
struct Shape {
  uint32_t rows = 0;          // 1 … max_rows
  uint32_t columns = 0;       // 1 … max_columns
  uint32_t sample_bytes = 0;  // 1, 2, 4 or 8
};

inline constexpr uint32_t max_rows = 128;
inline constexpr uint32_t max_columns = 65536;

bool is_valid(const Shape& shape);
uint64_t size_bytes(const Shape& shape);  // at most 64 MiB for a valid shape; 0 for another

// Codes tiles; keeps its working memory from one to the next. One thread at a time.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual Id id() const = 0;
  // Puts the code of `pixels` at the end of `out`, which may already hold something.
  // Fails with "codec.shape" where pixels.size() is not size_bytes(shape), "codec.encoder" where the library
  // fails.
  virtual base::Result<void> encode(base::Bytes pixels, const Shape& shape, std::vector<std::byte>& out) = 0;
};

// Decodes what anybody claims to be a tile. One thread at a time.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Fills `out`, whose size is size_bytes(shape), or fails with "codec.damaged" (then `out` holds anything).
  // Every length is checked before use; working memory never exceeds size_bytes(shape) and a constant.
  virtual base::Result<void> decode(base::Bytes code, const Shape& shape, std::span<std::byte> out) = 0;
};

// "codec.unknown" for an id that this program does not have.
base::Result<std::unique_ptr<Encoder>> make_encoder(Id id);
base::Result<std::unique_ptr<Decoder>> make_decoder(Id id);

}  // namespace garita::codec
