#include "core/picture/drawing/region.hpp"

#include <algorithm>
#include <vector>

#include "garita/status.h"

namespace garita::picture {
namespace {

bool lies_in(const Region& region, const Plane& plane) {
  return region.rows > 0 && region.columns > 0 && region.first_row < plane.rows &&
         region.rows <= plane.rows - region.first_row && region.first_column < plane.columns &&
         region.columns <= plane.columns - region.first_column;
}

Plane cut(const Plane& plane, const Region& region) {
  return {region.rows, region.columns,
          [read = plane.read, region, whole = std::vector<uint16_t>(plane.columns)](
              uint64_t row, std::span<uint16_t> out) mutable -> base::Result<void> {
            GARITA_TRY(read(region.first_row + row, whole));
            std::copy_n(whole.begin() + region.first_column, out.size(), out.begin());
            return {};
          }};
}

template <typename Number>
void shift(std::vector<Number>& marked, uint64_t first, uint64_t count) {
  std::erase_if(marked, [&](Number at) { return at < first || at - first >= count; });
  for (Number& at : marked) at -= static_cast<Number>(first);
}

}  // namespace

base::Result<View> part_of(const View& view, const std::optional<Region>& region) {
  View part = view;
  if (!region) return part;
  if (!lies_in(*region, view.plane))
    return base::Error{
        base::Outcome::usage,
        "picture.region_outside",
        {{"rows", std::to_string(view.plane.rows)}, {"columns", std::to_string(view.plane.columns)}},
        GARITA_INVALID_ARGUMENT};
  part.plane = cut(view.plane, *region);
  if (view.low) part.low = cut(*view.low, *region);
  shift(part.masks.dead_columns, region->first_column, region->columns);
  shift(part.masks.lost_rows, region->first_row, region->rows);
  return part;
}

}  // namespace garita::picture
