// The events of a driver as checked host values: copies of what crossed the ABI, safe to keep and to pass on.
//
// Pixels stay in the strip that the driver filled: Strip::pixels reads the host's mapping, and the memory goes back to
// its pool when the last copy of Strip::memory is gone. Load pixels from it exactly once (isolation.md, 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/image/view.hpp"
#include "garita/attachment.h"
#include "garita/calibration.h"
#include "garita/detection.h"
#include "garita/event.h"
#include "garita/reading.h"
#include "garita/scan.h"
#include "garita/value.h"

namespace garita::image {

struct Time {
  int64_t utc_ns = GARITA_UTC_UNKNOWN;
  int64_t uncertainty_ns = 0;
  uint64_t received_ns = 0;
  int32_t offset_s = GARITA_OFFSET_UNKNOWN;
  uint32_t source = GARITA_TIME_UNKNOWN;
};

// A typed value of metadata. type is GARITA_VALUE_*; text holds TEXT (not yet known to be UTF-8) and BYTES. One longer
// than GARITA_MAX_VALUE_BYTES was cut to one byte more than that, so that the record sees that it was too long.
struct Value {
  uint32_t type = GARITA_VALUE_NONE;
  int64_t integer = 0;
  double real = 0;
  std::string text;
};

struct Attribute {
  std::string key;
  Value value;
};

struct ScanBegin {
  uint32_t relation = GARITA_RELATION_NEW;
  std::string key, related_key, passage_key;
  Time time;
  std::vector<Attribute> attributes;
  std::vector<View> views;
  std::vector<uint64_t> objects;
};

// Read-only memory that holds pixels, calibration or attachment bytes; released by the last owner.
using Memory = std::shared_ptr<const std::byte>;

struct Calibration {
  uint32_t role = GARITA_CALIBRATION_DARK;
  uint64_t id = 0;
  uint32_t view = 0, channel = 0, columns = 0, sample_type = GARITA_SAMPLE_U32;
  uint32_t first_row = 0, rows = 0, total_rows = 0, averaged = 0;
  uint64_t row_stride_bytes = 0;
  Time time;
  Memory memory;  // rows * row_stride_bytes readable bytes
};

struct Strip {
  uint32_t view = 0, channel = 0, slice = 0, rows = 0;
  uint64_t first_row = 0, row_stride_bytes = 0;
  Time time;
  Memory memory;  // (rows - 1) * row_stride_bytes + columns * sample size readable bytes, at least
  // One element a row each, or empty.
  std::vector<uint64_t> line_index;
  std::vector<int64_t> time_utc_ns;
  std::vector<int64_t> position_um;
  std::vector<uint32_t> dose_q16;
};

struct Reading {
  uint32_t kind = GARITA_READING_GAMMA;
  std::string panel;
  Time time;
  uint64_t interval_ns = 0, live_ns = 0;
  uint32_t unit = 0, flags = 0;
  std::vector<double> values, energy_kev;
};

struct Detection {
  uint32_t view = GARITA_NO_VIEW;
  uint64_t first_row = 0, rows = 0;
  uint32_t first_column = 0, columns = 0, first_slice = 0, slices = 0;
  std::string category, vendor_code, label;
  double confidence = 0;  // 0 … 1 or NaN
  uint32_t source = GARITA_FOUND_BY_MACHINE;
  std::vector<double> polygon;
};

struct Attributes {
  std::vector<Attribute> attributes;
};

// One piece of an attachment; or all of it, taken from inbox object `object`. name is outside text, valid UTF-8 but
// perhaps with a path in it: for people to read, never to open a file by.
struct Attachment {
  uint32_t role = GARITA_ATTACHMENT_SCENE, index = 0;
  std::string media_type, name;
  uint64_t offset = 0, size_bytes = 0, total_bytes = 0, object = 0;
  Memory memory;  // size_bytes readable bytes; null where object is given
};

struct Total {
  uint32_t view = 0, channel = 0;
  uint64_t rows = 0;
};

struct ScanEnd {
  uint32_t outcome = GARITA_SCAN_COMPLETE;
  std::string reason;
  Time time;
  std::vector<Total> totals;
  uint32_t code = 0;
};

struct Health {
  uint32_t state = GARITA_HEALTH_READY;
  std::string message;
  Time device_time;
  uint32_t vendor_code = 0;
};

using Event = std::variant<std::monostate, ScanBegin, Calibration, Strip, Reading, Detection, Attributes, Attachment,
                           ScanEnd, Health>;

}  // namespace garita::image
