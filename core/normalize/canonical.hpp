// The canonical image: linear transmission t in uint16 with head-room at both ends, so that noise is never
// cut.
//
//   stored = rne(1024 + 57344·t)      0 … 65535, t = -0.018 … 1.125; opaque 1024, open beam 58368
//
// The two constants belong to the format and stand in every export. What lies outside the range saturates: a
// canonical sample that is 0 or 65535 counts as saturated, so that anybody can count again from the file
// alone.
//
// A pixel that measured nothing (dead detector, lost line, NaN) is stored as 1024, t = 0, and marked in the
// masks of the report. It is never interpolated here.
#pragma once

#include <cstdint>

namespace garita::normalize {

inline constexpr uint16_t canonical_opaque = 1024;
inline constexpr uint16_t canonical_span = 57344;
inline constexpr uint16_t canonical_open = canonical_opaque + canonical_span;
inline constexpr uint16_t canonical_unmeasured = canonical_opaque;

constexpr double transmission_of(uint16_t stored) {
  return (static_cast<double>(stored) - canonical_opaque) / canonical_span;
}

// Samples at the two ends of the canonical range.
struct Saturation {
  uint64_t low = 0;   // stored as 0
  uint64_t high = 0;  // stored as 65535

  Saturation& operator+=(const Saturation& other) {
    low += other.low;
    high += other.high;
    return *this;
  }
};

}  // namespace garita::normalize
