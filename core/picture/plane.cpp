#include "core/picture/plane.hpp"

#include <algorithm>

namespace garita::picture {

Plane plane_over(std::span<const uint16_t> values, uint64_t rows, uint32_t columns) {
  return {rows, columns, [values, columns](uint64_t row, std::span<uint16_t> out) -> base::Result<void> {
            std::copy_n(values.begin() + static_cast<ptrdiff_t>(row * columns), columns, out.begin());
            return {};
          }};
}

}  // namespace garita::picture
