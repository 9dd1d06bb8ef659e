#include "drivers/dicos/rle.hpp"

#include <algorithm>
#include <string>

#include "garita/error.hpp"
#include "garita/wire.hpp"

namespace garita::dicos {
namespace {

// Every sample_bytes-th byte of out, from `place` on.
void unpack_segment(std::span<const std::byte> in, size_t sample_bytes, size_t place, std::span<std::byte> out) {
  size_t at = 0;
  while (place < out.size()) {
    if (at >= in.size()) fail(GARITA_DATA_CORRUPT, "a segment of its RLE pixels ends early");
    const auto code = static_cast<int8_t>(in[at++]);
    if (code == -128) continue;
    const size_t count = code >= 0 ? size_t{1} + static_cast<size_t>(code) : size_t{1} + static_cast<size_t>(-code);
    const size_t taken = code >= 0 ? count : 1;
    if (in.size() - at < taken) fail(GARITA_DATA_CORRUPT, "a segment of its RLE pixels ends early");
    for (size_t i = 0; i < count && place < out.size(); ++i, place += sample_bytes) out[place] = in[code >= 0 ? at + i : at];
    at += taken;
  }
}

}  // namespace

void unpack_rle(std::span<const std::byte> fragment, size_t sample_bytes, std::span<std::byte> out) {
  constexpr size_t head_bytes = 64;
  if (fragment.size() < head_bytes || read_as<uint32_t>(fragment.data()) != sample_bytes || sample_bytes > 8)
    fail(GARITA_DATA_CORRUPT, "its RLE pixels do not have " + std::to_string(sample_bytes) + " segments");
  for (size_t segment = 0; segment < sample_bytes; ++segment) {
    const size_t begin = read_as<uint32_t>(fragment.data() + 4 + 4 * segment);
    const size_t end =
        segment + 1 < sample_bytes ? read_as<uint32_t>(fragment.data() + 8 + 4 * segment) : fragment.size();
    if (begin < head_bytes || end < begin || end > fragment.size())
      fail(GARITA_DATA_CORRUPT, "a segment of its RLE pixels lies outside of them");
    unpack_segment(fragment.subspan(begin, end - begin), sample_bytes, sample_bytes - 1 - segment, out);
  }
}

}  // namespace garita::dicos
