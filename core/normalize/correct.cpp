#include "core/normalize/correct.hpp"

#include <algorithm>
#include <cmath>

#include "core/normalize/kernels.hpp"
#include "core/normalize/rounding.hpp"

namespace garita::normalize {
namespace kernels {
namespace {

inline uint16_t stored_of(uint32_t raw, float dark, float gain, float factor) {
  const float x = 256.0F * static_cast<float>(raw) - dark;
  const float value = (x * gain) * factor + 1024.0F;
  return static_cast<uint16_t>(std::lrintf(std::min(std::max(value, 0.0F), 65535.0F)));
}

// row_step and column_step say where the output goes: this is both the straight and the transposed
// definition.
template <typename T>
Saturation by_definition(const CorrectJob& job, size_t row_step, size_t column_step) {
  Saturation ends;
  for (uint32_t row = 0; row < job.rows; ++row) {
    const std::byte* raw = raw_row(job, row);
    const float* dark = job.dark + row * job.gain_stride;
    const float* gain = job.gain + row * job.gain_stride;
    const float factor = row_factor(job, row);
    uint16_t* out = job.out + row * row_step;
    for (uint32_t column = 0; column < job.columns; ++column) {
      const T sample = load_once<T>(raw + column * sizeof(T));
      const uint16_t stored = stored_of(sample, dark[column], gain[column], factor);
      ends.low += stored == 0;
      ends.high += stored == 65535;
      out[column * column_step] = stored;
    }
  }
  return ends;
}

}  // namespace

Saturation correct_scalar(const CorrectJob& job) {
  return job.sample_type == GARITA_SAMPLE_U8 ? by_definition<uint8_t>(job, job.out_stride, 1)
                                             : by_definition<uint16_t>(job, job.out_stride, 1);
}

Saturation correct_transposed_scalar(const CorrectJob& job) {
  return job.sample_type == GARITA_SAMPLE_U8 ? by_definition<uint8_t>(job, 1, job.out_stride)
                                             : by_definition<uint16_t>(job, 1, job.out_stride);
}

CorrectJob part_of(const CorrectJob& job, uint32_t row, uint32_t column, uint32_t rows, uint32_t columns,
                   bool transposed) {
  CorrectJob part = job;
  const size_t sample_bytes = job.sample_type == GARITA_SAMPLE_U8 ? 1 : 2;
  part.raw += row * job.raw_stride_bytes + column * sample_bytes;
  part.rows = rows;
  part.columns = columns;
  part.dark += row * job.gain_stride + column;
  part.gain += row * job.gain_stride + column;
  if (job.dose_q16) part.dose_q16 += row;
  part.out += transposed ? column * job.out_stride + row : row * job.out_stride + column;
  return part;
}

}  // namespace kernels

namespace {

Kernel find_best() {
  if (runs_here(Kernel::avx512)) return Kernel::avx512;
  return runs_here(Kernel::avx2) ? Kernel::avx2 : Kernel::scalar;
}

}  // namespace

bool runs_here([[maybe_unused]] Kernel kernel) {
#if defined(__x86_64__)
  if (kernel == Kernel::avx512)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (kernel == Kernel::avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return kernel == Kernel::scalar;
}

Kernel best_kernel() {
  static const Kernel best = find_best();
  return best;
}

Saturation correct(const CorrectJob& job, Kernel kernel) {
  const RoundToNearest mode;
#if defined(__x86_64__)
  if (kernel == Kernel::avx512) return kernels::correct_avx512(job);
  if (kernel == Kernel::avx2) return kernels::correct_avx2(job);
#endif
  return kernels::correct_scalar(job);
}

Saturation correct_transposed(const CorrectJob& job, Kernel kernel) {
  const RoundToNearest mode;
#if defined(__x86_64__)
  if (kernel == Kernel::avx512) return kernels::correct_transposed_avx512(job);
  if (kernel == Kernel::avx2) return kernels::correct_transposed_avx2(job);
#endif
  return kernels::correct_transposed_scalar(job);
}

}  // namespace garita::normalize
