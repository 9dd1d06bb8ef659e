// What the portal says, as the ABI has it: facts by field paths of the common record, the view, calibrations.
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

// Dark and air of every channel, taken at `time`. The portal numbers a measurement of all channels; the ABI
// each channel's.
std::vector<garita::Calibration> calibrations_of(const Calibration& measured, const Time& time);

}  // namespace garita::portal
