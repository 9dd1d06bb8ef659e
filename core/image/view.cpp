#include "core/image/view.hpp"

#include <span>
#include <string_view>

namespace garita::image {
namespace {

struct Name {
  uint32_t value;
  std::string_view name;
};

constexpr Name sample_types[] = {
    {GARITA_SAMPLE_U8, "u8"},   {GARITA_SAMPLE_U16, "u16"}, {GARITA_SAMPLE_I16, "i16"},
    {GARITA_SAMPLE_U32, "u32"}, {GARITA_SAMPLE_I32, "i32"}, {GARITA_SAMPLE_U64, "u64"},
    {GARITA_SAMPLE_F32, "f32"}, {GARITA_SAMPLE_F64, "f64"},
};
constexpr Name fidelities[] = {
    {GARITA_FIDELITY_RAW_COUNTS, "raw_counts"},   {GARITA_FIDELITY_TRANSMISSION, "transmission"},
    {GARITA_FIDELITY_ATTENUATION, "attenuation"}, {GARITA_FIDELITY_RECONSTRUCTED, "reconstructed"},
    {GARITA_FIDELITY_DISPLAY, "display"},
};
constexpr Name quantities[] = {
    {GARITA_QUANTITY_TRANSMISSION, "transmission"},
    {GARITA_QUANTITY_BACKSCATTER, "backscatter"},
    {GARITA_QUANTITY_VISIBLE, "visible"},
    {GARITA_QUANTITY_OTHER, "other"},
};
constexpr Name shapes[] = {
    {GARITA_SHAPE_SCAN, "scan"}, {GARITA_SHAPE_FRAME, "frame"}, {GARITA_SHAPE_VOLUME, "volume"}};
constexpr Name channels[] = {
    {GARITA_CHANNEL_SINGLE, "single"}, {GARITA_CHANNEL_HIGH, "high"},   {GARITA_CHANNEL_LOW, "low"},
    {GARITA_CHANNEL_RED, "red"},       {GARITA_CHANNEL_GREEN, "green"}, {GARITA_CHANNEL_BLUE, "blue"},
};

// Every enum of a view has its vendors' range at the same place.
std::string name_of(std::span<const Name> names, uint32_t value) {
  for (const Name& known : names)
    if (known.value == value) return std::string(known.name);
  if (value >= GARITA_CHANNEL_VENDOR) return "vendor_" + std::to_string(value - GARITA_CHANNEL_VENDOR);
  return "unknown_" + std::to_string(value);
}

}  // namespace

uint32_t sample_size_bytes(uint32_t sample_type) {
  switch (sample_type) {
    case GARITA_SAMPLE_U8:
      return 1;
    case GARITA_SAMPLE_U16:
    case GARITA_SAMPLE_I16:
      return 2;
    case GARITA_SAMPLE_U32:
    case GARITA_SAMPLE_I32:
    case GARITA_SAMPLE_F32:
      return 4;
    case GARITA_SAMPLE_U64:
    case GARITA_SAMPLE_F64:
      return 8;
    default:
      return 0;
  }
}

std::string sample_type_name(uint32_t sample_type) { return name_of(sample_types, sample_type); }
std::string fidelity_name(uint32_t fidelity) { return name_of(fidelities, fidelity); }
std::string quantity_name(uint32_t quantity) { return name_of(quantities, quantity); }
std::string shape_name(uint32_t shape) { return name_of(shapes, shape); }
std::string channel_name(uint32_t kind) { return name_of(channels, kind); }

}  // namespace garita::image
