// What a record marks in a plane, as whoever shows the plane wants it: in rows from the front on, as a
// package's reader gives them, and never more than the plane has. The record may be anybody's.
#pragma once

#include <cstdint>
#include <vector>

#include "core/picture/plane.hpp"
#include "garita/v1/view.pb.h"

namespace garita::host {

struct PlaneSize {
  uint64_t rows = 0;  // of a slice
  uint32_t columns = 0;
  bool rear_first = false;  // stored from the rear end on: the record counts from there
};

inline constexpr uint64_t max_masked_rows = 1u << 22;  // beyond it rows are shown as they are

// Columns that are dead in every row, rows that stand for lines that never came.
picture::Masks masks_of(const v1::Channel& channel, const PlaneSize& size);

// Rows before which lines are missing, ascending: nothing may be interpolated across them.
std::vector<uint64_t> gaps_of(const v1::Channel& channel, const PlaneSize& size);

}  // namespace garita::host
