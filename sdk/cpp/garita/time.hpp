// Moments. Unlike a zeroed garita_time, a default Time is unknown and not 1970.
#pragma once

#include <cstdint>

#include "garita/value.h"

namespace garita {

// garita_time with its unknowns as defaults; fields as there.
struct Time {
  int64_t utc_ns = GARITA_UTC_UNKNOWN;
  int64_t uncertainty_ns = 0;
  uint64_t received_ns = 0;
  int32_t offset_s = GARITA_OFFSET_UNKNOWN;
  uint32_t source = GARITA_TIME_UNKNOWN;

  constexpr operator garita_time() const { return {utc_ns, uncertainty_ns, received_ns, offset_s, source}; }
};

// When bytes arrived: garita_read_info's two clocks.
struct Received {
  uint64_t received_ns = 0;
  int64_t utc_ns = GARITA_UTC_UNKNOWN;
};

// What the device's clock says, in bytes that arrived at `received`.
constexpr Time device_time(int64_t utc_ns, Received received = {}, int64_t uncertainty_ns = 0) {
  return {utc_ns, uncertainty_ns, received.received_ns, GARITA_OFFSET_UNKNOWN, GARITA_TIME_DEVICE};
}

// The arrival itself, for a device without a clock.
constexpr Time host_time(Received received, int64_t uncertainty_ns = 0) {
  return {received.utc_ns, uncertainty_ns, received.received_ns, GARITA_OFFSET_UNKNOWN, GARITA_TIME_HOST};
}

// Written in a file.
constexpr Time file_time(int64_t utc_ns, int32_t offset_s = GARITA_OFFSET_UNKNOWN) {
  return {utc_ns, 0, 0, offset_s, GARITA_TIME_FILE};
}

}  // namespace garita
