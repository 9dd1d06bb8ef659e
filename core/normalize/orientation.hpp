// How a view lies, and what turns it into canonical order: row 0 leads in the direction of travel, column 0
// is top for a side view and left (as seen by someone looking along the travel) for a view from above or
// below.
//
// Columns are turned while rows pass. Rows stay in scan order, however long the scan: a plane that began at
// the rear is marked rows_rear_first, and its reader turns row numbers round (core/decisions/0002).
#pragma once

#include <cstdint>

#include "core/image/view.hpp"

namespace garita::normalize {

struct Orientation {
  bool columns_known = false;    // column 0 is top or left for certain
  bool columns_flipped = false;  // delivered from the bottom, or from the right
  bool front_known = false;      // false: row 0 is merely the first that was scanned
  bool rows_rear_first = false;  // row 0 as stored is the rear end

  friend bool operator==(const Orientation&, const Orientation&) = default;
};

Orientation orientation_of(const image::View& view);

// Where columns [first, first + count) of a delivered row lie in a canonical one; for boxes and masks.
// first + count ≤ columns.
uint32_t canonical_column(const Orientation& orientation, uint32_t columns, uint32_t first, uint32_t count);

}  // namespace garita::normalize
