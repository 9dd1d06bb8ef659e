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

// The part of a job below and to the right of (row, column), for what does not fill a vector.
CorrectJob part_of(const CorrectJob& job, uint32_t row, uint32_t column, uint32_t rows, uint32_t columns,
                   bool transposed);

}  // namespace garita::normalize::kernels
