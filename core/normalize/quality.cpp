#include "core/normalize/quality.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace garita::normalize {
namespace {

// Median of chi-square with 15 degrees of freedom, divided by 15.
constexpr double median_share = 14.33886 / 15.0;
constexpr double n = QualityMeter::block_columns;
// n·Σx² − (Σx)² = n·(n−1)·variance
constexpr double variance_scale = n * (n - 1);
constexpr uint64_t least_blocks = 32;
constexpr double least_share = 0.01;

// Bin of n·(n−1)·variance: eight to an octave, 0 for 0. spread ≤ 64·2^32, which is bin 313.
uint32_t variance_bin(uint64_t spread) {
  if (spread == 0) return 0;
  const auto octave = static_cast<uint32_t>(std::bit_width(spread) - 1);
  const auto eighth =
      static_cast<uint32_t>(octave >= 3 ? spread >> (octave - 3) : spread << (3 - octave)) & 7;
  return 1 + 8 * octave + eighth;
}

// The variance `into` (0 … 1) of the way through a bin.
double variance_in(size_t bin, double into) {
  if (bin == 0) return 0;
  const auto octave = static_cast<int>((bin - 1) / 8);
  return std::ldexp(1.0 + (static_cast<double>((bin - 1) % 8) + into) / 8.0, octave) / variance_scale;
}

// Of a block: the sum, and n·Σx² − (Σx)², which is the same whatever is taken from each value.
struct Sums {
  uint32_t values;
  uint64_t spread;
};
using Block = std::span<const uint16_t, QualityMeter::block_columns>;

#if defined(__SSE2__)

// The sum of four words.
int32_t sum_of(__m128i words) {
  words = _mm_add_epi32(words, _mm_shuffle_epi32(words, _MM_SHUFFLE(1, 0, 3, 2)));
  return _mm_cvtsi128_si32(_mm_add_epi32(words, _mm_shuffle_epi32(words, _MM_SHUFFLE(2, 3, 0, 1))));
}

// Values less 32768 are signed, as the products of this machine want them. The squares of two add up to 2^31
// at most, which is meant without a sign.
Sums sums_of(Block values) {
  const __m128i ones = _mm_set1_epi16(1), signs = _mm_set1_epi16(INT16_MIN);
  const auto* at = reinterpret_cast<const __m128i*>(values.data());
  const __m128i low = _mm_xor_si128(_mm_loadu_si128(at), signs);
  const __m128i high = _mm_xor_si128(_mm_loadu_si128(at + 1), signs);
  const int32_t sum = sum_of(_mm_add_epi32(_mm_madd_epi16(low, ones), _mm_madd_epi16(high, ones)));
  const __m128i even_words = _mm_set1_epi64x(0xFFFFFFFF);
  const auto wide = [&](__m128i squares) {
    return _mm_add_epi64(_mm_and_si128(squares, even_words), _mm_srli_epi64(squares, 32));
  };
  const __m128i squares = _mm_add_epi64(wide(_mm_madd_epi16(low, low)), wide(_mm_madd_epi16(high, high)));
  const auto all =
      static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_add_epi64(squares, _mm_unpackhi_epi64(squares, squares))));
  return {static_cast<uint32_t>(sum + 32768 * static_cast<int32_t>(values.size())),
          values.size() * all - static_cast<uint64_t>(int64_t{sum} * sum)};
}

#else

Sums sums_of(Block values) {
  uint32_t sum = 0;
  uint64_t squares = 0;
  for (const uint16_t value : values) sum += value, squares += uint32_t{value} * value;
  return {sum, values.size() * squares - uint64_t{sum} * sum};
}

#endif

}  // namespace

void QualityMeter::add(std::span<const uint16_t> row, std::span<const uint8_t> usable_blocks) {
  const uint32_t whole = columns_ / block_columns;
  const uint32_t step = std::clamp(whole, 1U, 4U);
  for (uint32_t block = static_cast<uint32_t>(rows_++ % step); block < whole; block += step)
    if (usable_blocks.empty() || usable_blocks[block])
      add_block(row.subspan(size_t{block} * block_columns).first<block_columns>());
}

void QualityMeter::add_block(std::span<const uint16_t, block_columns> values) {
  ++blocks_;
  const Sums sums = sums_of(values);
  const uint32_t mean = sums.values / block_columns;
  if (mean < first_value) return;
  if (!bins_) bins_ = std::make_unique<Bins>();
  const size_t bin = (mean - first_value) >> mean_shift;
  ++bins_->blocks[bin];
  bins_->sums[bin] += sums.values;
  ++bins_->variances[bin][variance_bin(sums.spread)];
}

Quality QualityMeter::result() const {
  Quality found;
  found.measured = true;
  if (!bins_ || blocks_ == 0) return found;
  const Bins& bins = *bins_;
  auto around = [&](size_t bin) {
    uint64_t sum = bins.blocks[bin];
    if (bin > 0) sum += bins.blocks[bin - 1];
    if (bin + 1 < mean_bins) sum += bins.blocks[bin + 1];
    return sum;
  };
  size_t peak = 0;
  for (size_t bin = 1; bin < mean_bins; ++bin)
    if (around(bin) > around(peak)) peak = bin;
  const uint64_t blocks = around(peak);
  if (blocks < least_blocks || static_cast<double>(blocks) < least_share * static_cast<double>(blocks_))
    return found;

  uint64_t sum = 0;
  std::array<uint64_t, variance_bins> variances{};
  for (size_t bin = peak == 0 ? 0 : peak - 1; bin <= std::min<size_t>(peak + 1, mean_bins - 1); ++bin) {
    sum += bins.sums[bin];
    for (size_t v = 0; v < variance_bins; ++v) variances[v] += bins.variances[bin][v];
  }
  uint64_t passed = 0;
  size_t middle = 0;
  while (passed + variances[middle] <= blocks / 2) passed += variances[middle++];
  const double into = static_cast<double>(blocks / 2 - passed) / static_cast<double>(variances[middle]);
  found.open_field = true;
  const double mean = static_cast<double>(sum) / (static_cast<double>(blocks) * n);
  found.open_field_level = (mean - canonical_opaque) / canonical_span;
  const double variance = variance_in(middle, into) / median_share;
  found.open_field_noise = std::sqrt(variance) / canonical_span;
  found.snr = found.open_field_noise > 0 ? found.open_field_level / found.open_field_noise : 0;
  found.open_field_share = static_cast<double>(blocks) / static_cast<double>(blocks_);
  return found;
}

}  // namespace garita::normalize
