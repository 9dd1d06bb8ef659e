// The rows of a plane as the page takes them: what was not measured bridged, for the eye; averaged if asked.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/base/result.hpp"
#include "core/picture/plane.hpp"

namespace garita::host {

// Some rows, tight, one after the other.
using RowsConsumer = std::function<base::Result<void>(std::span<const uint16_t> rows, uint32_t row_count)>;

// A plane averaged over 4 × 4 `level` times, as package/overview.hpp defines it; level 0: itself.
struct LevelSize {
  uint64_t rows = 0;
  uint32_t columns = 0;
};
LevelSize size_at(const picture::Plane& plane, uint32_t level);

// A level beyond 0 needs a plane that is longer than 512 · 4^(level - 1) in rows or columns.
// Dead columns are bridged from the live ones beside them, lost rows from the rows around them; where nothing
// lives, numbers stay as they are. Errors: of the plane's reader, of the consumer.
base::Result<void> each_row(const picture::Plane& plane, const picture::Masks& masks, uint32_t level,
                            const RowsConsumer& consume);

}  // namespace garita::host
