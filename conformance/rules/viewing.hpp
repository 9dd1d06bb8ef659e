// One run of the driver with all its pixels kept: as delivered, and as normalized. For pictures and for
// truth; courses keep digests alone.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "conformance/input/input.hpp"
#include "core/image/event.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {

using PlanePlace = std::pair<uint32_t, uint32_t>;  // view, channel

// Rows along the travel, columns as delivered, values as they are.
struct DeliveredPlane {
  uint64_t rows = 0;
  uint32_t columns = 0;
  std::vector<float> values;
};

// Canonical values (core/normalize/canonical.hpp), columns from top or left.
struct CanonicalPlane {
  uint64_t rows = 0;
  uint32_t columns = 0;
  std::vector<uint16_t> values;
};

struct ViewedScan {
  image::ScanBegin begin;
  uint32_t outcome = 0;  // GARITA_SCAN_*; 0: no SCAN_END
  std::map<PlanePlace, DeliveredPlane> delivered;
  std::map<PlanePlace, CanonicalPlane> canonical;  // of what becomes canonical
  std::map<uint32_t, std::vector<std::byte>> attachments;
};

struct Viewing {
  base::Error fault;  // no id: none
  std::vector<ViewedScan> scans;
  std::vector<std::pair<double, double>> latency;  // at, took: ms
  std::vector<std::pair<double, double>> memory;   // at ms, the most so far in MiB
};

struct ViewingLimits {
  size_t scans = 3;
  uint64_t samples = 24u << 20;  // of a plane; what is behind is not kept
  uint64_t longest_ms = 60000;
};

Viewing view(const load::Manifest& manifest, const Input& input, const ViewingLimits& limits = {});

}  // namespace garita::conformance
