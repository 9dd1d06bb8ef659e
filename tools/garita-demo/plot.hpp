// A chart of what a radiation portal counted.
#pragma once

#include "core/picture/png.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::demo {

// Bars of the reading that counted most: a series over time, or the channels of a spectrum. Empty samples where there is
// none.
picture::PngImage plot_readings(const v1::Inspection& record);

}  // namespace garita::demo
