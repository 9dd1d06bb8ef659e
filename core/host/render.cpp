#include "core/host/render.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>

#include "core/base/clock.hpp"
#include "core/host/plane_masks.hpp"
#include "core/host/steel_store.hpp"
#include "core/image/view.hpp"
#include "core/normalize/align.hpp"

namespace garita::host {
namespace {

constexpr uint64_t rows_a_read = 64;

// Row numbers rise: a block of rows is read at a time and served from.
class RowBlock {
 public:
  RowBlock(package::Reader& reader, const package::PlaneInfo& plane)
      : reader_(reader), plane_(plane), row_bytes_(plane.spec.columns * size_t{image::sample_size_bytes(plane.spec.sample_type)}) {}

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
    case GARITA_SAMPLE_U8: return sample_at<uint8_t>(row, column);
    case GARITA_SAMPLE_U16: return sample_at<uint16_t>(row, column);
    case GARITA_SAMPLE_I16: return sample_at<int16_t>(row, column);
    case GARITA_SAMPLE_U32: return sample_at<uint32_t>(row, column);
    case GARITA_SAMPLE_I32: return sample_at<int32_t>(row, column);
    case GARITA_SAMPLE_U64: return sample_at<uint64_t>(row, column);
    case GARITA_SAMPLE_F32: return sample_at<float>(row, column);
    case GARITA_SAMPLE_F64: return sample_at<double>(row, column);
    default: return 0;
  }
}

picture::Plane canonical_plane(package::Reader& reader, const package::PlaneInfo& info) {
  auto block = std::make_shared<RowBlock>(reader, info);
  return {info.rows_a_slice, info.spec.columns, [block](uint64_t row, std::span<uint16_t> out) -> base::Result<void> {
            GARITA_TRY_ASSIGN(bytes, block->row(row));
            std::memcpy(out.data(), bytes, out.size_bytes());
            return {};
          }};
}

// What is not transmission is stretched between its extremes, so that it can be looked at.
base::Result<picture::Plane> stretched_plane(package::Reader& reader, const package::PlaneInfo& info) {
  auto block = std::make_shared<RowBlock>(reader, info);
  const uint32_t type = info.spec.sample_type;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (uint64_t row = 0; row < info.rows_a_slice; ++row) {
    GARITA_TRY_ASSIGN(bytes, block->row(row));
    for (uint32_t column = 0; column < info.spec.columns; ++column) {
      const double value = sample_of(type, bytes, column);
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  const double scale = high > low ? picture::canonical_span / (high - low) : 0;
  return picture::Plane{
      info.rows_a_slice, info.spec.columns,
      [block, type, low, scale](uint64_t row, std::span<uint16_t> out) -> base::Result<void> {
        GARITA_TRY_ASSIGN(bytes, block->row(row));
        for (size_t column = 0; column < out.size(); ++column) {
          const double value = sample_of(type, bytes, column);
          out[column] = static_cast<uint16_t>(picture::canonical_opaque +
                                              (std::isfinite(value) ? std::lround((value - low) * scale) : 0));
        }
        return {};
      }};
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
    const auto rows = std::make_shared<normalize::AlignedRows>(plane.rows, plane.columns, shift, plane.read,
                                                               masks_of(channel, size).lost_rows,
                                                               gaps_of(channel, size));
    plane.read = [rows](uint64_t row, std::span<uint16_t> out) { return rows->row(row, out); };
  }
  return plane;
}

std::string caption_of(const v1::Inspection& record, const std::string& view) {
  std::string caption;
  const auto add = [&](const std::string& part) {
    if (!part.empty()) caption += (caption.empty() ? "" : "  ") + part;
  };
  if (record.conveyance().containers_size() > 0) add(record.conveyance().containers(0).number());
  else if (record.conveyance().plates_size() > 0) add(record.conveyance().plates(0).number());
  else add(record.identity().scan_key());
  add(view);
  if (record.time().started().has_utc_ns()) add(base::format_utc(record.time().started().utc_ns(), 0));
  return caption;
}

// "40" for 40 mm of steel, one digit behind the point where it is thin; a word where it is opaque.
base::Result<std::function<std::string(double)>> steel_label(const v1::View& view, const package::PlaneInfo& plane,
                                                             base::Language language) {
  for (const v1::Channel& channel : view.channels()) {
    const auto curve = steel_of(channel);
    const bool is_shown = plane.spec.channel == image::channel_name(static_cast<uint32_t>(channel.kind()));
    if (!curve || !is_shown) continue;
    return std::function<std::string(double)>([curve = *curve, language](double transmission) -> std::string {
      const auto mm = curve.steel_mm(transmission);
      if (!mm) return base::text(language, "picture.opaque");
      char text[32];
      std::snprintf(text, sizeof text, *mm > 0 && *mm < 9.95 ? "%.1f" : "%.0f", *mm);
      return text;
    });
  }
  return base::Error{base::Outcome::no, "host.no_steel", {{"view", view.name()}}};
}

}  // namespace

base::Result<picture::PngImage> render_view(OpenPackage& package, int index, const RenderRequest& request) {
  const v1::View& view = package.record.views(index);
  const auto high = package.reader.find_plane(view.name(), "high");
  const auto low = package.reader.find_plane(view.name(), "low");
  std::optional<size_t> main = high;
  for (size_t i = 0; i < package.reader.planes().size() && !main; ++i)
    if (package.reader.planes()[i].spec.view == view.name() &&
        package.reader.planes()[i].spec.role == package::RasterRole::plane)
      main = i;
  if (!main || package.reader.planes()[*main].rows == 0)
    return base::Error{base::Outcome::no, "host.no_plane", {{"view", view.name()}}};

  const bool canonical = view.transmission_scale() == picture::canonical_span;
  const package::PlaneInfo& info = package.reader.planes()[*main];
  picture::View shown;
  if (canonical) {
    shown.plane = canonical_plane(package.reader, info);
  } else {
    GARITA_TRY_ASSIGN(plane, stretched_plane(package.reader, info));
    shown.plane = std::move(plane);
  }
  if (canonical && high && low) {
    const package::PlaneInfo& second = package.reader.planes()[*low];
    shown.low = aligned_plane(canonical_plane(package.reader, second), view, size_of(second, view));
  }
  for (const v1::Channel& channel : view.channels()) {
    shown.masks = masks_of(channel, size_of(info, view));
    if (channel.kind() != v1::Channel::KIND_LOW) break;
  }
  shown.geometry = {view.geometry().pitch_along_um() * 1e-6, view.geometry().pitch_across_um() * 1e-6};

  for (const v1::Channel& channel : view.channels()) {
    if (channel.kind() == v1::Channel::KIND_HIGH) shown.high_energy_kev = channel.nominal_energy_kev();
    if (channel.kind() == v1::Channel::KIND_LOW) shown.low_energy_kev = channel.nominal_energy_kev();
  }
  shown.transmission = canonical;

  picture::Request picture;
  const bool dual = request.style == RenderRequest::Style::dual ||
                    (request.style == RenderRequest::Style::automatic && shown.low);
  picture.colours = dual ? picture::Colours::dual : picture::Colours::grey;
  if (request.steel) {
    GARITA_TRY_ASSIGN(label, steel_label(view, info, request.language));
    picture.steel_label = std::move(label);
    picture.colours = picture::Colours::grey;
  }
  if (!canonical) picture.window = {picture::Window::Scale::linear, false, 0, 1};
  picture.max_length = request.max_length;
  picture.furniture = request.furniture;
  picture.caption = caption_of(package.record, view.name());
  picture.language = request.language == base::Language::es ? "es" : "en";
  return picture::render(shown, picture);
}

}  // namespace garita::host
