// Inside normalize: the kernels behind correct() and correct_transposed(), and what they share. Callers have
// made sure that the thread rounds to nearest and that the machine has what a kernel needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/normalize/correct.hpp"

namespace garita::normalize::kernels {

Saturation correct_scalar(const CorrectJob& job);
Saturation correct_transposed_scalar(const CorrectJob& job);

#if defined(__x86_64__)
Saturation correct_avx2(const CorrectJob& job);
Saturation correct_transposed_avx2(const CorrectJob& job);
Saturation correct_avx512(const CorrectJob& job);
Saturation correct_transposed_avx512(const CorrectJob& job);
#endif

// A sample out of memory that somebody else may be writing: the empty asm keeps the compiler from taking it
// twice.
template <typename T>
inline T load_once(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  asm volatile("" : "+r"(value));
  return value;
}

inline float row_factor(const CorrectJob& job, uint32_t row) {
  return job.dose_q16 ? dose_factor(job.dose_q16[row]) : 1.0F;
}

inline const std::byte* raw_row(const CorrectJob& job, uint32_t row) {
  return job.raw + row * job.raw_stride_bytes;
}

// What to fetch while byte `at` of a row is worked on, from the row's begin: a little ahead in it, and where
// it ends, in the row n further, which is the next for who takes n at once. Past the end it does no harm.
inline constexpr size_t prefetch_bytes = 512;  // measured
inline size_t prefetch_offset(const CorrectJob& job, size_t at, size_t row_bytes, uint32_t n) {
  const size_t inside = at + prefetch_bytes;
  return inside < row_bytes || row_bytes < prefetch_bytes ? inside
                                                          : inside - row_bytes + n * job.raw_stride_bytes;
}

// Whether vectors of the output can be written past the cache: 64 bytes at a time, aligned.
inline bool is_aligned(const CorrectJob& job) {
  return reinterpret_cast<uintptr_t>(job.out) % 64 == 0 && job.out_stride * sizeof(uint16_t) % 64 == 0;
}

// The part of a job below and to the right of (row, column), for what does not fill a vector.
CorrectJob part_of(const CorrectJob& job, uint32_t row, uint32_t column, uint32_t rows, uint32_t columns,
                   bool transposed);

}  // namespace garita::normalize::kernels
