#include "core/normalize/scale.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/normalize/rounding.hpp"

namespace garita::normalize {
namespace {

uint16_t rounded(double value) {
  return static_cast<uint16_t>(std::lrint(std::min(std::max(value, 0.0), 65535.0)));
}

uint16_t stored_or_invalid(double value, uint32_t column, std::vector<uint32_t>& invalid) {
  if (!std::isnan(value)) return rounded(value);
  invalid.push_back(column);
  return canonical_unmeasured;
}

double value_of(const image::View& view, double delivered) {
  const double value = view.slope * delivered + view.intercept;
  const double t = view.fidelity == GARITA_FIDELITY_ATTENUATION ? std::exp(-value) : value;
  return t * canonical_span + canonical_opaque;
}

// Calls use(column, sample as double) for each sample of a row of T.
template <typename T, typename Use>
void each(std::span<const std::byte> row, size_t columns, Use use) {
  for (size_t column = 0; column < columns; ++column) {
    T sample;
    std::memcpy(&sample, row.data() + column * sizeof(T), sizeof sample);
    use(static_cast<uint32_t>(column), static_cast<double>(sample));
  }
}

template <typename Use>
void each_of_type(uint32_t sample_type, std::span<const std::byte> row, size_t columns, Use use) {
  if (sample_type == GARITA_SAMPLE_F32)
    each<float>(row, columns, use);
  else
    each<uint32_t>(row, columns, use);
}

}  // namespace

void counts_to_canonical(std::span<const std::byte> row, uint32_t sample_type, const double* dark,
                         const double* gain, double dose_factor, std::span<uint16_t> out,
                         std::vector<uint32_t>& invalid) {
  const RoundToNearest mode;
  each_of_type(sample_type, row, out.size(), [&](uint32_t column, double raw) {
    const double value = ((raw - dark[column]) * gain[column]) * dose_factor + canonical_opaque;
    const bool measured =
        gain[column] != 0 && dose_factor != 0;  // else infinite counts would look like a NaN
    out[column] = measured ? stored_or_invalid(value, column, invalid) : canonical_unmeasured;
  });
}

void values_to_canonical(std::span<const std::byte> row, const image::View& view, std::span<uint16_t> out,
                         std::vector<uint32_t>& invalid) {
  const RoundToNearest mode;
  each_of_type(view.sample_type, row, out.size(), [&](uint32_t column, double delivered) {
    out[column] = stored_or_invalid(value_of(view, delivered), column, invalid);
  });
}

std::vector<uint16_t> canonical_table(const image::View& view) {
  const RoundToNearest mode;
  std::vector<uint16_t> table(view.sample_type == GARITA_SAMPLE_U8 ? 256 : 65536);
  std::vector<uint32_t> none;
  for (size_t i = 0; i < table.size(); ++i)
    table[i] = stored_or_invalid(value_of(view, static_cast<double>(i)), 0, none);
  return table;
}

Saturation ends_of(std::span<const uint16_t> row) {
  Saturation ends;
  for (const uint16_t stored : row) {
    ends.low += stored == 0;
    ends.high += stored == 65535;
  }
  return ends;
}

}  // namespace garita::normalize
