// The cabinet's messages as the ABI has them: views, and which fact goes to which field of the record.
#pragma once

#include <optional>
#include <vector>

#include "drivers/astrophysics/lines.hpp"
#include "drivers/astrophysics/wire.hpp"
#include "garita/events.hpp"

namespace garita::astrophysics {

inline constexpr uint32_t max_planes = 2 * max_views;

// One view of the scan for each generator, then one for each operator channel.
std::vector<View> views_of(const Identity& identity);

// Which of them has a generator's operator channel.
std::optional<uint32_t> display_of(const Identity& identity, uint32_t view);

std::vector<Attribute> device_attributes(const Identity& identity);
std::vector<Attribute> bag_attributes(const Bag& bag);

// Lines become rows. nullopt: it names a column that the view does not have, or a line that did not come.
std::optional<Detection> detection_of(const Found& found, const ViewForm& form, const BeltLines& lines);

}  // namespace garita::astrophysics
