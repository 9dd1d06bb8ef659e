#include "core/load/view_check.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "core/load/fault.hpp"

namespace garita::load {
namespace {

constexpr std::string_view event = "SCAN_BEGIN";

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= GARITA_MAX_NAME_BYTES &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

bool is_float(uint32_t sample_type) {
  return sample_type == GARITA_SAMPLE_F32 || sample_type == GARITA_SAMPLE_F64;
}

base::Error unknown(const std::string& driver, const char* field, uint32_t value) {
  return fault(driver, event, "enum_unknown", {{"field", field}, {"value", std::to_string(value)}});
}

base::Result<void> check_numbers(const image::View& view, const std::string& driver) {
  if (view.shape < GARITA_SHAPE_SCAN || view.shape > GARITA_SHAPE_VOLUME)
    return unknown(driver, "views.shape", view.shape);
  if (image::sample_size_bytes(view.sample_type) == 0)
    return unknown(driver, "views.sample_type", view.sample_type);
  if (view.fidelity < GARITA_FIDELITY_RAW_COUNTS || view.fidelity > GARITA_FIDELITY_DISPLAY)
    return unknown(driver, "views.fidelity", view.fidelity);
  const uint32_t width_bits = 8 * image::sample_size_bytes(view.sample_type);
  if (view.bits_used > width_bits || (is_float(view.sample_type) && view.bits_used % width_bits != 0))
    return fault(driver, event, "bits_used",
                 {{"view", view.name},
                  {"bits", std::to_string(view.bits_used)},
                  {"type", image::sample_type_name(view.sample_type)}});
  return {};
}

base::Result<void> check_values(image::View& view, const std::string& driver) {
  const uint32_t type = view.sample_type;
  const bool common = type == GARITA_SAMPLE_U8 || type == GARITA_SAMPLE_U16 || type == GARITA_SAMPLE_U32 ||
                      type == GARITA_SAMPLE_F32;
  if (view.fidelity <= GARITA_FIDELITY_ATTENUATION && !common)
    return fault(driver, event, "fidelity_type",
                 {{"view", view.name},
                  {"fidelity", image::fidelity_name(view.fidelity)},
                  {"type", image::sample_type_name(type)}});
  if (view.fidelity == GARITA_FIDELITY_RAW_COUNTS) {
    view.slope = 1;
    view.intercept = 0;
  }
  if (!std::isfinite(view.slope) || view.slope == 0 || !std::isfinite(view.intercept))
    return fault(driver, event, "slope", {{"view", view.name}});
  return {};
}

// All three of FRAME and VOLUME are given, and their product is a size that memory can have.
base::Result<void> check_size(const image::View& view, const std::string& driver, uint64_t max_scan_rows) {
  const bool scan = view.shape == GARITA_SHAPE_SCAN;
  const bool volume = view.shape == GARITA_SHAPE_VOLUME;
  const base::Error wrong = fault(driver, event, "view_size",
                                  {{"view", view.name},
                                   {"columns", std::to_string(view.columns)},
                                   {"rows", std::to_string(view.rows)},
                                   {"slices", std::to_string(view.slices)}});
  if (view.columns == 0 || view.columns > GARITA_MAX_COLUMNS) return wrong;
  if (scan) return view.rows == 0 && view.slices <= 1 ? base::Result<void>() : wrong;
  if (view.rows == 0 || view.rows > max_scan_rows || view.slices == 0) return wrong;
  if (view.slices > (volume ? max_slices : 1u)) return wrong;
  uint64_t size_bytes = uint64_t{view.columns} * image::sample_size_bytes(view.sample_type);
  if (__builtin_mul_overflow(size_bytes, view.rows, &size_bytes) ||
      __builtin_mul_overflow(size_bytes, view.slices, &size_bytes) || size_bytes > max_view_bytes)
    return wrong;
  return {};
}

base::Result<void> check_channels(const image::View& view, const std::string& driver) {
  if (view.channels.empty() || view.channels.size() > GARITA_MAX_CHANNELS)
    return fault(driver, event, "channels",
                 {{"view", view.name},
                  {"count", std::to_string(view.channels.size())},
                  {"limit", std::to_string(GARITA_MAX_CHANNELS)}});
  std::set<uint32_t> kinds;
  for (const image::Channel& channel : view.channels) {
    if (channel.kind == 0) return unknown(driver, "views.channels.kind", 0);
    if (!kinds.insert(channel.kind).second)
      return fault(driver, event, "channel_twice",
                   {{"view", view.name}, {"channel", image::channel_name(channel.kind)}});
  }
  return {};
}

void settle_unknown(image::View& view) {
  if (view.quantity == 0 || view.quantity > GARITA_QUANTITY_OTHER) view.quantity = GARITA_QUANTITY_OTHER;
  if (view.column_zero > GARITA_COLUMN_ZERO_RIGHT) view.column_zero = GARITA_COLUMN_ZERO_UNKNOWN;
  if (view.row_zero > GARITA_ROW_ZERO_REAR) view.row_zero = GARITA_ROW_ZERO_UNKNOWN;
  if (view.source_side > GARITA_SOURCE_BOTTOM) view.source_side = GARITA_SOURCE_UNKNOWN;
  if (view.polarity > GARITA_POLARITY_BRIGHT_LESS) view.polarity = GARITA_POLARITY_UNKNOWN;
}

}  // namespace

base::Result<void> check_views(std::vector<image::View>& views, const std::string& driver,
                               uint64_t max_scan_rows) {
  if (views.size() > GARITA_MAX_VIEWS)
    return fault(driver, event, "array_too_long",
                 {{"field", "views"},
                  {"count", std::to_string(views.size())},
                  {"limit", std::to_string(GARITA_MAX_VIEWS)}});
  std::set<std::string_view> names;
  for (image::View& view : views) {
    if (!is_name(view.name)) return fault(driver, event, "view_name", {{"view", view.name}});
    if (!names.insert(view.name).second) return fault(driver, event, "view_twice", {{"view", view.name}});
    GARITA_TRY(check_numbers(view, driver));
    GARITA_TRY(check_values(view, driver));
    GARITA_TRY(check_size(view, driver, max_scan_rows));
    GARITA_TRY(check_channels(view, driver));
    settle_unknown(view);
  }
  return {};
}

}  // namespace garita::load
