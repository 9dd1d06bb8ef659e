// Where the portal's facts go in the common record: field paths, and the view as the ABI has it.
#pragma once

#include <vector>

#include "drivers/portal/wire.hpp"
#include "garita/attributes.hpp"
#include "garita/events.hpp"

namespace garita::portal {

// Of HELLO: standing, for all scans of this connection.
std::vector<Attribute> device_attributes(const Hello& hello);

// Of SCAN_BEGIN. A fact that comes again fills the next element of its list; what has no list keeps the last.
std::vector<Attribute> scan_attributes(const ScanBegin& scan);

View view_of(const ScanBegin& scan);

// The portal numbers a measurement of all channels; the ABI each channel's.
constexpr uint64_t calibration_id(uint32_t portal_id, uint32_t channel) { return uint64_t{portal_id} * max_channels + channel; }

}  // namespace garita::portal
