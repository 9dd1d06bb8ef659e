// Raw counts → canonical transmission, at memory speed and the same bits on every machine.
//
// The definition, in IEEE 754 binary32, round to nearest even, nothing contracted:
//
//   x = 256·raw − d            exact, d = dark in 1/256 counts, below 2^24
//   g = 57344 / (a − d)        a = air; a − d < 256 is a dead pixel: g = 0
//   q = 65536 / dose           of the row, dose converted to binary32; 1 without dose; dose 0 is a lost line:
//   q = 0 stored = rne(min(max((x·g)·q + 1024, 0), 65535))
//
// so a dead pixel and a lost line come out as canonical_unmeasured by the formula itself. Every kernel gives
// the same bits as the scalar one; the rounding mode of the caller's thread does not matter and is left as it
// was.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/normalize/canonical.hpp"
#include "garita/view.h"

namespace garita::normalize {

enum class Kernel { scalar, avx2, avx512 };

// The fastest that this machine runs; and whether it runs a given one.
Kernel best_kernel();
bool runs_here(Kernel kernel);

// Rows of u8 or u16 raw samples and where their canonical values go. Nothing is owned. Raw memory may be
// shared with a process that still writes: each sample is taken once, and no value of it can lead outside
// these arrays.
//
//   raw               rows · raw_stride_bytes; any alignment; sample_type U8 or U16, little-endian
//   dark, gain        d and g as above: `columns` a row, gain_stride floats from row to row, 0: the same for
//   all rows dose_q16          rows doses, or null out               correct: row r at out + r·out_stride;
//   correct_transposed: column c at out + c·out_stride
struct CorrectJob {
  const std::byte* raw = nullptr;
  size_t raw_stride_bytes = 0;
  uint32_t sample_type = GARITA_SAMPLE_U16;
  uint32_t rows = 0, columns = 0;
  const float* dark = nullptr;
  const float* gain = nullptr;
  size_t gain_stride = 0;
  const uint32_t* dose_q16 = nullptr;
  uint16_t* out = nullptr;
  size_t out_stride = 0;
  bool past_cache = false;  // see correct()
};

// Row by row; the output is left in the cache, for whoever takes it next. With past_cache, for planes larger
// than the cache that nobody takes soon, it is written past it, where out and out_stride are multiples of 64
// bytes.
Saturation correct(const CorrectJob& job, Kernel kernel = best_kernel());

// Corrects, clamps and transposes in one pass: a picture that stands upright, columns along the travel.
// Fastest with gain_stride 0 and out and out_stride multiples of 64 bytes: whole cache lines are then written
// past the cache.
Saturation correct_transposed(const CorrectJob& job, Kernel kernel = best_kernel());

// d, g and q of the definition.
inline float gain_of(uint32_t dark_q8, uint32_t air_q8) {
  const int64_t step = static_cast<int64_t>(air_q8) - static_cast<int64_t>(dark_q8);
  return step < 256 ? 0.0F : static_cast<float>(canonical_span) / static_cast<float>(step);
}
inline float dose_factor(uint32_t dose_q16) {
  return dose_q16 == 0 ? 0.0F : 65536.0F / static_cast<float>(dose_q16);
}

}  // namespace garita::normalize
