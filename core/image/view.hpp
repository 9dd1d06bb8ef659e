// What a view is, as a checked value: the host's own copy of garita_view, with enums as the ABI has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "garita/view.h"

namespace garita::image {

struct Channel {
  uint32_t kind = GARITA_CHANNEL_SINGLE;
  uint32_t nominal_energy_kev = 0;
  uint64_t calibration_id = 0;
  int64_t row_offset_um = 0;
};

struct View {
  std::string name;
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
  std::vector<Channel> channels;
};

// Bytes of one sample; 0 for a type that the ABI does not have.
uint32_t sample_size_bytes(uint32_t sample_type);

// Names as they stand in records, files and on screen: "u16", "raw_counts", "high". Unknown: "vendor_…" or "unknown_…".
std::string sample_type_name(uint32_t sample_type);
std::string fidelity_name(uint32_t fidelity);
std::string quantity_name(uint32_t quantity);
std::string shape_name(uint32_t shape);
std::string channel_name(uint32_t kind);

}  // namespace garita::image
