#include "core/normalize/orientation.hpp"

namespace garita::normalize {

Orientation orientation_of(const image::View& view) {
  Orientation found;
  switch (view.column_zero) {
    case GARITA_COLUMN_ZERO_TOP:
    case GARITA_COLUMN_ZERO_LEFT:
      found.columns_known = true;
      break;
    case GARITA_COLUMN_ZERO_BOTTOM:
    case GARITA_COLUMN_ZERO_RIGHT:
      found.columns_known = found.columns_flipped = true;
      break;
    default:
      break;
  }
  found.front_known = view.row_zero == GARITA_ROW_ZERO_FRONT || view.row_zero == GARITA_ROW_ZERO_REAR;
  found.rows_rear_first = view.row_zero == GARITA_ROW_ZERO_REAR;
  return found;
}

uint32_t canonical_column(const Orientation& orientation, uint32_t columns, uint32_t first, uint32_t count) {
  return orientation.columns_flipped ? columns - first - count : first;
}

}  // namespace garita::normalize
