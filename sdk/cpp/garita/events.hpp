// Events as a driver author writes them: values that own their texts and rows, with the ABI's unknowns as
// defaults. Fields mean what garita/scan.h, calibration.h, reading.h, … say of the struct of the same name.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "garita/attachment.h"
#include "garita/attributes.hpp"
#include "garita/calibration.h"
#include "garita/detection.h"
#include "garita/event.h"
#include "garita/held_strip.hpp"
#include "garita/reading.h"
#include "garita/scan.h"
#include "garita/time.hpp"
#include "garita/view.h"

namespace garita {

struct Channel {
  uint32_t kind = GARITA_CHANNEL_SINGLE;
  uint32_t nominal_energy_kev = 0;
  uint64_t calibration_id = 0;
  int64_t row_offset_um = 0;
};

// Defaults: a line detector's raw counts in u16.
struct View {
  std::string name = "side";
  uint32_t shape = GARITA_SHAPE_SCAN;
  uint32_t sample_type = GARITA_SAMPLE_U16;
  uint32_t bits_used = 0;
  uint32_t quantity = GARITA_QUANTITY_TRANSMISSION;
  uint32_t fidelity = GARITA_FIDELITY_RAW_COUNTS;
  uint32_t columns = 0;
  uint64_t rows = 0;
  uint32_t slices = 0;
  uint32_t column_zero = GARITA_COLUMN_ZERO_UNKNOWN;
  uint32_t row_zero = GARITA_ROW_ZERO_UNKNOWN;
  uint32_t source_side = GARITA_SOURCE_UNKNOWN;
  int32_t source_angle_mdeg = INT32_MIN;
  uint32_t polarity = GARITA_POLARITY_UNKNOWN;
  uint32_t pitch_across_um = 0;
  uint32_t pitch_along_um = 0;
  uint32_t pitch_slice_um = 0;
  uint32_t unit = GARITA_UNIT_NONE;
  double slope = 1;
  double intercept = 0;
  std::vector<Channel> channels = {Channel{}};
};

struct ScanBegin {
  uint32_t relation = GARITA_RELATION_NEW;
  std::string key = {};
  std::string related_key = {};
  std::string passage_key = {};
  Time time = {};
  std::vector<Attribute> attributes = {};
  std::vector<View> views = {};
  std::vector<uint64_t> objects = {};  // handles of inbox objects
};

// Made by calibration() (calibration.hpp). The rows lie in `data` until the event is delivered; only then the
// base takes strips for them, so that nothing is lost while the pool is empty.
struct Calibration {
  uint32_t role = GARITA_CALIBRATION_DARK;
  uint64_t id = 0;
  uint32_t view = 0;
  uint32_t channel = 0;
  uint32_t columns = 0;
  uint32_t sample_type = GARITA_SAMPLE_U32;  // U32 in 1/256 counts, F64 in counts
  uint32_t averaged = 0;
  Time time = {};
  std::vector<std::byte> data = {};  // whole rows of columns x sample size
};

// Mostly made by LineScan. Per-row vectors are empty or have `rows` elements.
struct Strip {
  uint32_t view = 0;
  uint32_t channel = 0;
  uint32_t slice = 0;
  uint64_t first_row = 0;
  uint32_t rows = 0;
  uint64_t row_stride_bytes = 0;
  HeldStrip strip = {};
  Time time = {};
  std::vector<uint64_t> line_index = {};
  std::vector<int64_t> time_utc_ns = {};
  std::vector<int64_t> position_um = {};
  std::vector<uint32_t> dose_q16 = {};
};

struct Reading {
  uint32_t kind = GARITA_READING_GAMMA;
  std::string panel = {};
  Time time = {};
  uint64_t interval_ns = 0;
  uint64_t live_ns = 0;
  uint32_t unit = GARITA_UNIT_COUNTS;
  uint32_t flags = 0;
  std::vector<double> values = {};
  std::vector<double> energy_kev = {};
};

struct Detection {
  uint32_t view = GARITA_NO_VIEW;
  uint64_t first_row = 0;
  uint64_t rows = 0;
  uint32_t first_column = 0;
  uint32_t columns = 0;
  uint32_t first_slice = 0;
  uint32_t slices = 0;
  std::string category = {};
  std::string vendor_code = {};
  std::string label = {};
  double confidence = std::numeric_limits<double>::quiet_NaN();
  uint32_t source = GARITA_FOUND_BY_MACHINE;
  std::vector<double> polygon = {};  // x0 y0 x1 y1 …
};

struct Attributes {
  std::vector<Attribute> attributes = {};
};

// Either `data`, which the base delivers in pieces, or the handle of an inbox object. The base counts the
// index.
struct Attachment {
  uint32_t role = GARITA_ATTACHMENT_SCENE;
  std::string media_type = {};
  std::string name = {};
  std::vector<std::byte> data = {};
  uint64_t object = 0;
};

// The base fills the totals from what it delivered.
struct ScanEnd {
  uint32_t outcome = GARITA_SCAN_COMPLETE;
  std::string reason = {};
  Time time = {};
  uint32_t code = 0;
};

struct Health {
  uint32_t state = GARITA_HEALTH_READY;
  std::string message = {};
  Time device_time = {};
  uint32_t vendor_code = 0;
};

using Event =
    std::variant<ScanBegin, Calibration, Strip, Reading, Detection, Attributes, Attachment, ScanEnd, Health>;

// Bytes of one sample of GARITA_SAMPLE_*; 0 for a type that the ABI does not have.
constexpr uint32_t sample_size_bytes(uint32_t sample_type) {
  constexpr uint32_t sizes[] = {0, 1, 2, 2, 4, 4, 8, 4, 8};
  return sample_type < std::size(sizes) ? sizes[sample_type] : 0;
}

}  // namespace garita
