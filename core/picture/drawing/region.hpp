// A part of a view as a view of its own.
#pragma once

#include "core/picture/picture.hpp"

namespace garita::picture {

// The view itself without a region. Its planes read from the given one's, which must outlive it.
// Errors: picture.region_outside {rows, columns} where the region is empty or leaves the plane.
base::Result<View> part_of(const View& view, const std::optional<Region>& region);

}  // namespace garita::picture
