// calibration(): dark and air lines in the form the ABI wants, from means in counts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "garita/events.hpp"

namespace garita {

// The values as they lie in memory.
template <typename Value>
std::vector<std::byte> bytes_of(std::span<const Value> values) {
  const auto bytes = std::as_bytes(values);
  return {bytes.begin(), bytes.end()};
}

// Means of dark (GARITA_CALIBRATION_DARK) or air lines, ready to emit; set view, channel and time where they
// are known.
//
// id               One number for the dark and air of one channel; a channel of SCAN_BEGIN names it.
// raw_sample_type  Of the scans it corrects: u8 and u16 take 1/256 counts in u32, u32 and f32 take counts in
// f64. counts           Means in counts; one row of a line detector, or all rows of a frame with `columns` a
// row. averaged         Lines or frames the mean was taken over; 0: not known.
//
// Unwinds with DATA_CORRUPT where a mean is negative, not a number, or beyond what the type holds.
inline Calibration calibration(uint32_t role, uint64_t id, uint32_t raw_sample_type,
                               std::span<const double> counts, uint32_t averaged = 0, uint32_t columns = 0) {
  Calibration made;
  made.role = role;
  made.id = id;
  made.columns = columns != 0 ? columns : static_cast<uint32_t>(counts.size());
  made.averaged = averaged;
  const bool fixed_point = raw_sample_type == GARITA_SAMPLE_U8 || raw_sample_type == GARITA_SAMPLE_U16;
  const double limit = fixed_point ? 16777215.0 : 1e300;
  for (double mean : counts)
    if (!(mean >= 0 && mean <= limit))
      fail(GARITA_DATA_CORRUPT, "a calibration line has a mean of " + std::to_string(mean) + " counts");
  made.sample_type = fixed_point ? GARITA_SAMPLE_U32 : GARITA_SAMPLE_F64;
  if (!fixed_point) {
    made.data = bytes_of(counts);
    return made;
  }
  std::vector<uint32_t> fixed(counts.size());
  std::transform(counts.begin(), counts.end(), fixed.begin(),
                 [](double mean) { return static_cast<uint32_t>(std::llround(mean * 256)); });
  made.data = bytes_of(std::span<const uint32_t>(fixed));
  return made;
}

// The same from a device that sends 1/256 counts itself.
inline Calibration calibration(uint32_t role, uint64_t id, std::span<const uint32_t> counts_q8,
                               uint32_t averaged = 0) {
  Calibration made;
  made.role = role;
  made.id = id;
  made.columns = static_cast<uint32_t>(counts_q8.size());
  made.averaged = averaged;
  made.data = bytes_of(counts_q8);
  return made;
}

}  // namespace garita
