// The report as one HTML page that needs nothing else: no script, no font, no address; pictures and plots
// inside. English and Spanish both stand in it; the switch is two radio buttons and a style.
#pragma once

#include "conformance/report/run_report.hpp"
#include "core/base/text.hpp"

namespace garita::conformance {

// language: the one that is shown first.
std::string html(const RunReport& run, base::Language language);

}  // namespace garita::conformance
