// What is not u8 or u16 counts → canonical, in IEEE 754 binary64, round to nearest even, nothing contracted:
//
//   u32, f32 counts   x = raw − d, g = 57344 / (a − d), q = 65536 / dose, d and a in counts, a − d < 1: dead,
//   g = 0
//                     stored = rne(min(max((x·g)·q + 1024, 0), 65535))
//   TRANSMISSION      t = slope·value + intercept
//   ATTENUATION       t = exp(−(slope·value + intercept)), with the exp of the C library: its last bit is the
//   library's
//                     stored = rne(min(max(t·57344 + 1024, 0), 65535))
//
// A NaN is no measurement: stored as canonical_unmeasured, and its column is named. Infinities saturate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/image/view.hpp"
#include "core/normalize/canonical.hpp"

namespace garita::normalize {

// One row of counts: u32 or f32 samples, tight. dark, gain: of each column. invalid gets the columns of NaN,
// rising.
void counts_to_canonical(std::span<const std::byte> row, uint32_t sample_type, const double* dark,
                         const double* gain, double dose_factor, std::span<uint16_t> out,
                         std::vector<uint32_t>& invalid);

// One row of a TRANSMISSION or ATTENUATION view of u32 or f32 samples, tight.
void values_to_canonical(std::span<const std::byte> row, const image::View& view, std::span<uint16_t> out,
                         std::vector<uint32_t>& invalid);

// The same for u8 and u16 samples: stored value → canonical, 256 or 65536 entries.
std::vector<uint16_t> canonical_table(const image::View& view);

Saturation ends_of(std::span<const uint16_t> row);

}  // namespace garita::normalize
