// A threat detection report (TDR) as detections.
#pragma once

#include <string>
#include <vector>

#include "drivers/dicos/tags.hpp"
#include "garita/events.hpp"

namespace garita::dicos {

// The image that the report speaks of: the first instance it references that is not a report itself; empty: none.
std::string referenced_image(const Tags& report);

// One detection for each threat and each place of it. An ALARM that names no threat is one detection without a place.
// At most `limit`.
std::vector<Detection> detections_of(const Tags& report, size_t limit);

}  // namespace garita::dicos
