#include "core/host/raw_planes.hpp"

#include <algorithm>

#include "core/normalize/orientation.hpp"
#include "garita/scan.h"

namespace garita::host {
namespace {

constexpr uint32_t dose_one = 65536;

}  // namespace

void RawPlanes::begin(const std::vector<image::View>& views) {
  views_ = views;
  for (const image::View& view : views_) planes_.emplace_back(view.channels.size());
}

base::Result<uint32_t> RawPlanes::open(uint32_t view, uint32_t channel, bool doses) {
  const image::View& of = views_[view];
  package::PlaneSpec spec;
  spec.role = package::RasterRole::raw;
  spec.view = of.name;
  spec.channel = image::channel_name(of.channels[channel].kind) + (doses ? "-dose" : "");
  spec.sample_type = doses ? GARITA_SAMPLE_U32 : of.sample_type;
  spec.columns = doses ? 1 : of.columns;
  if (of.shape != GARITA_SHAPE_SCAN) spec.rows = of.rows;
  if (of.shape == GARITA_SHAPE_VOLUME) spec.slices = of.slices;
  spec.rows_rear_first = normalize::orientation_of(of).rows_rear_first;
  return writer_.add_plane(spec);
}

// Doses that begin late, or are missing of some rows, are one there: that is how they were corrected.
base::Result<void> RawPlanes::doses(uint32_t view, uint32_t channel, uint64_t first_row, uint32_t rows,
                                    std::span<const uint32_t> doses_q16) {
  uint32_t& part = planes_[view][channel].doses;
  if (part == package::no_part && doses_q16.empty()) return {};
  static const std::vector<uint32_t> ones(4096, dose_one);
  const auto fill = [&](uint64_t count) -> base::Result<void> {
    for (uint64_t left = count; left > 0;) {
      const auto some = std::span(ones).first(std::min<uint64_t>(left, ones.size()));
      GARITA_TRY(writer_.append_rows(part, std::as_bytes(some), some.size()));
      left -= some.size();
    }
    return {};
  };
  if (part == package::no_part) {
    GARITA_TRY_ASSIGN(opened, open(view, channel, true));
    part = opened;
    GARITA_TRY(fill(first_row));
  }
  if (doses_q16.empty()) return fill(rows);
  return writer_.append_rows(part, std::as_bytes(doses_q16), doses_q16.size());
}

base::Result<void> RawPlanes::rows(uint32_t view, uint32_t channel, uint32_t rows,
                                   std::span<const std::byte> pixels) {
  uint32_t& part = planes_[view][channel].pixels;
  if (part == package::no_part) {
    GARITA_TRY_ASSIGN(opened, open(view, channel, false));
    part = opened;
  }
  return writer_.append_rows(part, pixels, rows);
}

base::Result<void> RawPlanes::end() {
  for (const auto& channels : planes_)
    for (const Plane& plane : channels)
      for (const uint32_t part : {plane.pixels, plane.doses})
        if (part != package::no_part) GARITA_TRY(writer_.end_plane(part));
  return {};
}

}  // namespace garita::host
