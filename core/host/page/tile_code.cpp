#include "core/host/page/tile_code.hpp"

#include <zlib.h>

namespace garita::host {

struct TileCoder::Deflate {
  z_stream stream{};
  bool ready = false;

  Deflate() {
    constexpr int level = 1, raw = -15, memory = 9;
    ready = deflateInit2(&stream, level, Z_DEFLATED, raw, memory, Z_RLE) == Z_OK;
  }
  ~Deflate() {
    if (ready) deflateEnd(&stream);
  }
};

TileCoder::TileCoder() : deflate_(std::make_unique<Deflate>()) {}
TileCoder::~TileCoder() = default;

namespace {

// The numbers of one row: their low bytes to `low`, their high bytes to `high`.
void split(const uint16_t* row, size_t columns, std::byte* low, std::byte* high) {
  uint16_t left = 0;
  for (size_t i = 0; i < columns; ++i) {
    const auto difference = static_cast<int16_t>(static_cast<uint16_t>(row[i] - left));
    const auto folded = static_cast<uint16_t>(static_cast<uint16_t>(difference << 1) ^
                                              static_cast<uint16_t>(difference >> 15));
    low[i] = static_cast<std::byte>(folded & 0xFF);
    high[i] = static_cast<std::byte>(folded >> 8);
    left = row[i];
  }
}

}  // namespace

base::Result<std::span<const std::byte>> TileCoder::code(const uint16_t* numbers, size_t rows, size_t columns,
                                                         size_t stride) {
  const size_t count = rows * columns;
  split_.resize(2 * count);
  for (size_t row = 0; row < rows; ++row)
    split(numbers + row * stride, columns, split_.data() + row * columns,
          split_.data() + count + row * columns);

  z_stream& stream = deflate_->stream;
  if (!deflate_->ready || deflateReset(&stream) != Z_OK)
    return base::Error{base::Outcome::not_loaded, "host.page_memory"};
  coded_.resize(deflateBound(&stream, split_.size()));
  stream.next_in = reinterpret_cast<Bytef*>(split_.data());
  stream.avail_in = static_cast<uInt>(split_.size());
  stream.next_out = reinterpret_cast<Bytef*>(coded_.data());
  stream.avail_out = static_cast<uInt>(coded_.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
    return base::Error{base::Outcome::not_loaded, "host.page_memory"};
  return std::span<const std::byte>(coded_.data(), coded_.size() - stream.avail_out);
}

}  // namespace garita::host
