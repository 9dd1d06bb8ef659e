#include "core/host/view_planes.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "core/host/plane_masks.hpp"
#include "core/image/view.hpp"
#include "core/normalize/align.hpp"
#include "core/package/overview.hpp"

namespace garita::host {
namespace {

constexpr uint64_t rows_a_read = 64;

// Row numbers rise: a block of rows is read at a time and served from.
class RowBlock {
 public:
  RowBlock(package::Reader& reader, const package::PlaneInfo& plane)
      : reader_(reader),
        plane_(plane),
        row_bytes_(plane.spec.columns * size_t{image::sample_size_bytes(plane.spec.sample_type)}) {}

  base::Result<const std::byte*> row(uint64_t row) {
    if (row < first_ || row >= first_ + count_) {
      first_ = row;
      count_ = std::min(rows_a_read, plane_.rows_a_slice - row);
      bytes_.resize(count_ * row_bytes_);
      if (auto read = reader_.read_rows(plane_, first_, count_, bytes_); !read) {
        count_ = 0;
        return std::move(read).error();
      }
    }
    return bytes_.data() + (row - first_) * row_bytes_;
  }

 private:
  package::Reader& reader_;
  const package::PlaneInfo& plane_;
  const size_t row_bytes_;
  uint64_t first_ = 0, count_ = 0;
  std::vector<std::byte> bytes_;
};

template <typename Sample>
double sample_at(const std::byte* row, size_t column) {
  Sample value;
  std::memcpy(&value, row + column * sizeof value, sizeof value);
  return static_cast<double>(value);
}

double sample_of(uint32_t type, const std::byte* row, size_t column) {
  switch (type) {
    case GARITA_SAMPLE_U8:
      return sample_at<uint8_t>(row, column);
    case GARITA_SAMPLE_U16:
      return sample_at<uint16_t>(row, column);
    case GARITA_SAMPLE_I16:
      return sample_at<int16_t>(row, column);
    case GARITA_SAMPLE_U32:
      return sample_at<uint32_t>(row, column);
    case GARITA_SAMPLE_I32:
      return sample_at<int32_t>(row, column);
    case GARITA_SAMPLE_U64:
      return sample_at<uint64_t>(row, column);
    case GARITA_SAMPLE_F32:
      return sample_at<float>(row, column);
    case GARITA_SAMPLE_F64:
      return sample_at<double>(row, column);
    default:
      return 0;
  }
}

// What a sample becomes: number = base + (sample - low) * scale.
struct Mapping {
  double low = 0, scale = 1;
  uint16_t base = 0;

  uint16_t operator()(double sample) const {
    return static_cast<uint16_t>(base + (std::isfinite(sample) ? std::lround((sample - low) * scale) : 0));
  }
};

picture::Plane plane_as_stored(package::Reader& reader, const package::PlaneInfo& info) {
  auto block = std::make_shared<RowBlock>(reader, info);
  return {info.rows_a_slice, info.spec.columns,
          [block](uint64_t row, std::span<uint16_t> out) -> base::Result<void> {
            GARITA_TRY_ASSIGN(bytes, block->row(row));
            std::memcpy(out.data(), bytes, out.size_bytes());
            return {};
          }};
}

picture::Plane mapped_plane(package::Reader& reader, const package::PlaneInfo& info, const Mapping& mapping) {
  auto block = std::make_shared<RowBlock>(reader, info);
  return {info.rows_a_slice, info.spec.columns,
          [block, type = info.spec.sample_type, mapping](uint64_t row,
                                                         std::span<uint16_t> out) -> base::Result<void> {
            GARITA_TRY_ASSIGN(bytes, block->row(row));
            for (size_t column = 0; column < out.size(); ++column)
              out[column] = mapping(sample_of(type, bytes, column));
            return {};
          }};
}

// Of the first slice, over what is finite.
base::Result<Mapping> between_extremes(package::Reader& reader, const package::PlaneInfo& info, uint16_t base,
                                       uint16_t span) {
  RowBlock block(reader, info);
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (uint64_t row = 0; row < info.rows_a_slice; ++row) {
    GARITA_TRY_ASSIGN(bytes, block.row(row));
    for (uint32_t column = 0; column < info.spec.columns; ++column) {
      const double value = sample_of(info.spec.sample_type, bytes, column);
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  if (!(high > low)) return Mapping{std::isfinite(low) ? low : 0, 0, base};
  return Mapping{low, span / (high - low), base};
}

// Samples of 16 bits and less are numbers of 16 bits already; all others are laid between their extremes.
base::Result<Mapping> exact_mapping(package::Reader& reader, const package::PlaneInfo& info) {
  switch (info.spec.sample_type) {
    case GARITA_SAMPLE_U8:
    case GARITA_SAMPLE_U16:
      return Mapping{};
    case GARITA_SAMPLE_I16:
      return Mapping{INT16_MIN, 1, 0};
    default:
      return between_extremes(reader, info, 0, UINT16_MAX);
  }
}

// The plane itself, or what a copy for somebody else still shows of it.
const package::PlaneInfo& shown_of(const package::Reader& reader, size_t index) {
  const package::PlaneInfo* shown = &reader.planes()[index];
  if (shown->withheld == package::Withheld::nothing) return *shown;
  const uint32_t part = shown->part;
  for (const package::PlaneInfo& overview : reader.overviews()) {
    const bool is_there = overview.overview_of == part && overview.withheld == package::Withheld::nothing;
    if (is_there && (shown->level == 0 || overview.level < shown->level)) shown = &overview;
  }
  return *shown;
}

uint32_t reduction_of(const package::PlaneInfo& plane) {
  uint32_t reduction = 1;
  for (uint32_t level = 0; level < std::min(plane.level, 15u); ++level) reduction *= package::overview_factor;
  return reduction;
}

PlaneSize size_of(const package::PlaneInfo& plane, const v1::View& view) {
  return {plane.rows_a_slice, plane.spec.columns, view.geometry().rows_rear_first()};
}

// The low energy's rows where the high one's are, for energies that alternate from pulse to pulse. The reader
// gives rows from the front on, whichever way they are stored.
picture::Plane aligned_plane(picture::Plane plane, const v1::View& view, const PlaneSize& size) {
  for (const v1::Channel& channel : view.channels()) {
    if (channel.kind() != v1::Channel::KIND_LOW) continue;
    const auto shift = normalize::row_shift(channel.row_offset_um(), view.geometry().pitch_along_um(), false);
    if (shift.none()) continue;
    const auto rows =
        std::make_shared<normalize::AlignedRows>(plane.rows, plane.columns, shift, plane.read,
                                                 masks_of(channel, size).lost_rows, gaps_of(channel, size));
    plane.read = [rows](uint64_t row, std::span<uint16_t> out) { return rows->row(row, out); };
  }
  return plane;
}

std::optional<size_t> main_plane(const package::Reader& reader, const std::string& view) {
  if (const auto high = reader.find_plane(view, "high")) return high;
  for (size_t i = 0; i < reader.planes().size(); ++i)
    if (reader.planes()[i].spec.view == view && reader.planes()[i].spec.role == package::RasterRole::plane)
      return i;
  return std::nullopt;
}

void set_geometry(const v1::View& view, const PlaneSize& size, uint32_t reduction, picture::View& shown) {
  for (const v1::Channel& channel : view.channels()) {
    if (reduction > 1) break;
    shown.masks = masks_of(channel, size);
    if (channel.kind() != v1::Channel::KIND_LOW) break;
  }
  shown.geometry = {view.geometry().pitch_along_um() * 1e-6 * reduction,
                    view.geometry().pitch_across_um() * 1e-6 * reduction};
  for (const v1::Channel& channel : view.channels()) {
    if (channel.kind() == v1::Channel::KIND_HIGH) shown.high_energy_kev = channel.nominal_energy_kev();
    if (channel.kind() == v1::Channel::KIND_LOW) shown.low_energy_kev = channel.nominal_energy_kev();
  }
}

}  // namespace

base::Result<ViewPlanes> planes_of(OpenPackage& package, int index, Numbers numbers) {
  const v1::View& view = package.record.views(index);
  const auto main = main_plane(package.reader, view.name());
  if (!main || package.reader.planes()[*main].rows == 0)
    return base::Error{base::Outcome::no, "host.no_plane", {{"view", view.name()}}};

  const package::PlaneInfo& info = shown_of(package.reader, *main);
  ViewPlanes planes;
  planes.reduction = reduction_of(info);
  planes.channel = package.reader.planes()[*main].spec.channel;
  planes.canonical =
      view.transmission_scale() == picture::canonical_span && info.spec.sample_type == GARITA_SAMPLE_U16;
  planes.shown.transmission = planes.canonical;
  if (planes.canonical) {
    planes.shown.plane = plane_as_stored(package.reader, info);
    planes.intercept = -1.0 * picture::canonical_opaque / picture::canonical_span;
    planes.slope = 1.0 / picture::canonical_span;
  } else {
    GARITA_TRY_ASSIGN(mapping, numbers == Numbers::exact
                                   ? exact_mapping(package.reader, info)
                                   : between_extremes(package.reader, info, picture::canonical_opaque,
                                                      picture::canonical_span));
    planes.shown.plane = mapped_plane(package.reader, info, mapping);
    planes.slope = mapping.scale > 0 ? 1 / mapping.scale : 0;
    planes.intercept = mapping.low - mapping.base * planes.slope;
  }
  const auto low = package.reader.find_plane(view.name(), "low");
  if (planes.canonical && planes.channel == "high" && low) {
    const package::PlaneInfo& second = shown_of(package.reader, *low);
    const picture::Plane stored = plane_as_stored(package.reader, second);
    if (second.spec.sample_type == GARITA_SAMPLE_U16 && second.level == info.level)
      planes.shown.low = info.level > 0 ? stored : aligned_plane(stored, view, size_of(second, view));
  }
  set_geometry(view, size_of(info, view), planes.reduction, planes.shown);
  return planes;
}

}  // namespace garita::host
