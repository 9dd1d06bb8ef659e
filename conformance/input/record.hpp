// Records what a live source says while the driver scans: each byte that the driver reads, as its reads took
// them.
#pragma once

#include "conformance/input/input.hpp"

namespace garita::conformance {

struct RecordLimits {
  uint64_t scans = 1;           // until so many have ended
  uint64_t silence_ms = 15000;  // nothing from the driver: what there is, is the input
  uint64_t longest_ms = 120000;
};

// Runs the driver in a worker on its real sources. `input` comes with what read_sources could read, and gets
// the live streams. Errors: as Broker::create and open_isolated; conform.nothing_recorded {source}.
base::Result<void> record(const load::Manifest& manifest, const broker::Broker::Sources& sources,
                          const RecordLimits& limits, Input& input);

}  // namespace garita::conformance
