#include "core/package/overview.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/package/plane.hpp"

namespace garita::package {
namespace {

uint32_t load(const std::byte* at) {
  return std::to_integer<uint32_t>(at[0]) | std::to_integer<uint32_t>(at[1]) << 8;
}

void store(std::byte* at, uint32_t value) {
  at[0] = static_cast<std::byte>(value);
  at[1] = static_cast<std::byte>(value >> 8);
}

// Boxes of 4 × 4 whole, of which a word holds a row: its samples are added two by two, each sum in half a
// word. Whatever the byte order of the machine, a word's samples are added up; their bytes must be in the
// machine's.
void average_whole(const std::byte* source, size_t stride, uint32_t boxes, std::byte* out) {
  constexpr uint64_t every_other = 0x0000FFFF0000FFFF;
  const auto word = [](const std::byte* at) {
    uint64_t samples = 0;
    std::memcpy(&samples, at, sizeof samples);
    return (samples & every_other) + (samples >> 16 & every_other);
  };
  for (uint32_t box = 0; box < boxes; ++box, source += sizeof(uint64_t)) {
    const uint64_t sums =
        word(source) + word(source + stride) + word(source + 2 * stride) + word(source + 3 * stride);
    const auto sum = static_cast<uint32_t>(sums) + static_cast<uint32_t>(sums >> 32);
    const auto mean = static_cast<uint16_t>((sum + 8) / 16);
    std::memcpy(out + 2 * box, &mean, sizeof mean);
  }
}

// The same eight boxes at a time; returns how many it made, a multiple of eight.
#if defined(__SSE2__)

// Four boxes: floor((sum + 8) / 16) of each, less 32768. Samples less 32768 are signed, as the sums of two by
// two of this machine want them.
__m128i average_four(const std::byte* source, size_t stride) {
  const __m128i ones = _mm_set1_epi16(1), signs = _mm_set1_epi16(INT16_MIN);
  __m128i low = _mm_setzero_si128(), high = low;
  for (uint32_t row = 0; row < overview_factor; ++row, source += stride) {
    const auto* at = reinterpret_cast<const __m128i*>(source);
    low = _mm_add_epi32(low, _mm_madd_epi16(_mm_xor_si128(_mm_loadu_si128(at), signs), ones));
    high = _mm_add_epi32(high, _mm_madd_epi16(_mm_xor_si128(_mm_loadu_si128(at + 1), signs), ones));
  }
  const __m128 halves[2] = {_mm_castsi128_ps(low), _mm_castsi128_ps(high)};
  const __m128i even = _mm_castps_si128(_mm_shuffle_ps(halves[0], halves[1], _MM_SHUFFLE(2, 0, 2, 0)));
  const __m128i odd = _mm_castps_si128(_mm_shuffle_ps(halves[0], halves[1], _MM_SHUFFLE(3, 1, 3, 1)));
  return _mm_srai_epi32(_mm_add_epi32(_mm_add_epi32(even, odd), _mm_set1_epi32(8)), 4);
}

uint32_t average_by_eights(const std::byte* source, size_t stride, uint32_t boxes, std::byte* out) {
  constexpr size_t four_boxes = 4 * overview_factor * sizeof(uint16_t);
  uint32_t done = 0;
  for (; done + 8 <= boxes; done += 8, source += 2 * four_boxes, out += 16) {
    const __m128i means =
        _mm_packs_epi32(average_four(source, stride), average_four(source + four_boxes, stride));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_xor_si128(means, _mm_set1_epi16(INT16_MIN)));
  }
  return done;
}

#else

uint32_t average_by_eights(const std::byte*, size_t, uint32_t, std::byte*) { return 0; }

#endif

// One row of boxes over `rows` source rows.
void average(const std::byte* source, uint32_t rows, uint32_t columns, std::byte* out) {
  uint32_t first = 0;
  if (rows == overview_factor && std::endian::native == std::endian::little) {
    const uint32_t boxes = columns / overview_factor;
    const size_t stride = size_t{columns} * 2;
    const uint32_t done = average_by_eights(source, stride, boxes, out);
    average_whole(source + size_t{done} * overview_factor * 2, stride, boxes - done, out + 2 * done);
    first = boxes * overview_factor;
    out += 2 * boxes;
  }
  for (; first < columns; first += overview_factor, out += 2) {
    const uint32_t width = std::min(overview_factor, columns - first);
    uint32_t sum = 0;
    for (uint32_t row = 0; row < rows; ++row) {
      const std::byte* at = source + (uint64_t{row} * columns + first) * 2;
      for (uint32_t column = 0; column < width; ++column) sum += load(at + 2 * column);
    }
    const uint32_t count = rows * width;
    store(out, (sum + count / 2) / count);
  }
}

}  // namespace

Overview::Overview(uint32_t level, uint32_t source_columns)
    : level_(level),
      source_columns_(source_columns),
      columns_((source_columns + overview_factor - 1) / overview_factor) {}

base::Result<void> Overview::add(base::Bytes source_rows, uint64_t row_count, const OverviewSink& sink) {
  const uint64_t source_stride = uint64_t{source_columns_} * 2;
  const uint64_t stride = uint64_t{columns_} * 2;
  for (uint64_t row = 0; row < row_count; row += overview_factor) {
    const auto rows = static_cast<uint32_t>(std::min<uint64_t>(overview_factor, row_count - row));
    if (rows_ == tile_rows) GARITA_TRY(flush(sink));  // one more row shows that the level is wanted
    buffer_.resize((rows_ + 1) * stride);
    average(source_rows.data() + row * source_stride, rows, source_columns_, buffer_.data() + rows_ * stride);
    ++rows_;
    source_rows_ += rows;
  }
  return {};
}

base::Result<void> Overview::end(const OverviewSink& sink) {
  if (source_columns_ <= overview_limit && source_rows_ <= overview_limit) return {};
  if (rows_ > 0) GARITA_TRY(flush(sink));
  return next_ ? next_->end(sink) : base::Result<void>();
}

base::Result<void> Overview::flush(const OverviewSink& sink) {
  GARITA_TRY(sink(level_, columns_, buffer_, rows_));
  if (!next_) next_ = std::make_unique<Overview>(level_ + 1, columns_);
  GARITA_TRY(next_->add(buffer_, rows_, sink));
  rows_ = 0;
  buffer_.clear();
  return {};
}

}  // namespace garita::package
