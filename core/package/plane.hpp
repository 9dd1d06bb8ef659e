// What the parts of a package are: planes of pixels, calibrations, attachments, and the fields of the record.
#pragma once

#include <cstdint>
#include <string>

#include "garita/attachment.h"
#include "garita/calibration.h"
#include "garita/value.h"
#include "garita/view.h"

namespace garita::package {

inline constexpr uint32_t tile_rows = 128;
inline constexpr uint64_t unknown_rows = UINT64_MAX;
inline constexpr uint32_t no_part = UINT32_MAX;

// What the rows of a raster part are; the numbers stand in files.
enum class RasterRole : uint32_t {
  plane = 1,        // the canonical image of one channel of one view
  raw = 2,          // what the detector delivered
  overview = 3,     // a plane made smaller, for a first look
  calibration = 4,  // dark or air lines
};

// A plane as the scan brings it: rows in the order in which they were scanned.
struct PlaneSpec {
  std::string view;     // ≤ 64 bytes of [a-z0-9_-]
  std::string channel;  // the same: "high", "single"
  RasterRole role = RasterRole::plane;
  uint32_t sample_type = GARITA_SAMPLE_U16;
  uint32_t columns = 0;          // 1 … 65536
  uint64_t rows = unknown_rows;  // of one slice; must be known where slices is not 1
  uint32_t slices = 1;           // 0: unknown
  // The row scanned first is the rear end: canonical row 0 of each slice is the one stored last.
  bool rows_rear_first = false;
  // Role plane alone: not its pixels are kept but the hash of each tile; they are made again from what the
  // detector delivered whenever they are read (deriver.hpp).
  bool by_hash = false;
};

struct CalibrationSpec {
  std::string view, channel;  // it was measured for; may be empty
  uint32_t role = GARITA_CALIBRATION_DARK;
  uint64_t id = 0;
  uint32_t sample_type = GARITA_SAMPLE_U32;
  uint32_t columns = 0;
  uint32_t rows = 1;  // all of them
  uint32_t averaged = 0;
  int64_t utc_ns = GARITA_UTC_UNKNOWN;
};

struct AttachmentSpec {
  uint32_t role = GARITA_ATTACHMENT_SCENE;
  uint32_t index = 0;  // of the attachment in its scan
  std::string media_type, name;
};

// One field of the record. `value` says by itself what it is (core/record); the package never looks inside.
struct Leaf {
  std::string path;   // "conveyance.plates[0].number"; 1 … 1024 bytes
  std::string value;  // ≤ 4 MiB
};

}  // namespace garita::package
