// Is a view of SCAN_BEGIN one that can be: known shape and sample type, sizes that fit, channels that differ?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/image/view.hpp"

namespace garita::load {

inline constexpr uint32_t max_slices = 65536;
inline constexpr uint64_t max_view_bytes = uint64_t{1} << 40;  // of one channel of a FRAME or VOLUME

// Checks all views of a scan. Numbers whose unknown values have a harmless meaning get it: a quantity is
// OTHER, a side unknown.
base::Result<void> check_views(std::vector<image::View>& views, const std::string& driver,
                               uint64_t max_scan_rows);

}  // namespace garita::load
