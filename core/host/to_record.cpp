#include "core/host/to_record.hpp"

#include <algorithm>
#include <cmath>

#include "core/normalize/canonical.hpp"
#include "core/normalize/orientation.hpp"
#include "core/record/format.hpp"
#include "core/record/vocabulary.hpp"

namespace garita::host {
namespace {

// Enum numbers of the record equal those of the ABI; a vendor's own become VENDOR, what neither side knows is left out.
template <typename Enum>
Enum same_number(uint32_t value, bool (*is_valid)(int)) {
  return value < 100 && is_valid(static_cast<int>(value)) ? static_cast<Enum>(value) : static_cast<Enum>(0);
}

// The driver's own word first; where it has none of the record's, what its family's code stands for. Neither is dropped.
void set_category(const image::Detection& detection, std::string_view family, v1::Detection& out) {
  auto category = record::category_of_word(detection.category);
  if (!category && !detection.category.empty()) out.set_category_verbatim(detection.category);
  if (!category) category = record::category_of_code(family, detection.vendor_code);
  if (category) out.set_category(*category);
}

bool is_nuclide(std::string_view text) {
  const record::Format* format = record::find_format("nuclide");
  return format && format->check(text) == record::Verdict::good;
}

}  // namespace

void set_moment(const image::Time& time, v1::Moment& out) {
  if (time.utc_ns != GARITA_UTC_UNKNOWN) out.set_utc_ns(time.utc_ns);
  if (time.uncertainty_ns > 0) out.set_uncertainty_ns(static_cast<uint64_t>(time.uncertainty_ns));
  if (time.offset_s != GARITA_OFFSET_UNKNOWN) out.set_offset_s(time.offset_s);
  if (const auto source = same_number<v1::Moment::Source>(time.source, v1::Moment::Source_IsValid); source != 0)
    out.set_source(source);
}

void set_view(const image::View& view, v1::View& out) {
  out.set_name(view.name);
  out.set_shape(same_number<v1::View::Shape>(view.shape, v1::View::Shape_IsValid));
  out.set_quantity(same_number<v1::View::Quantity>(view.quantity, v1::View::Quantity_IsValid));
  out.set_fidelity(same_number<v1::View::Fidelity>(view.fidelity, v1::View::Fidelity_IsValid));
  out.set_columns(view.columns);
  if (view.shape == GARITA_SHAPE_VOLUME) out.set_slices(view.slices);
  out.set_delivered_sample_type(same_number<v1::View::SampleType>(view.sample_type, v1::View::SampleType_IsValid));
  if (view.bits_used) out.set_delivered_bits_used(view.bits_used);
  if (view.fidelity != GARITA_FIDELITY_RAW_COUNTS) {
    out.set_slope(view.slope);
    out.set_intercept(view.intercept);
  }
  if (view.unit >= GARITA_UNIT_VENDOR) {
    out.set_unit(v1::View::UNIT_VENDOR);
    out.set_unit_vendor_code(view.unit);
  } else if (view.unit != GARITA_UNIT_NONE) {
    out.set_unit(same_number<v1::View::Unit>(view.unit, v1::View::Unit_IsValid));
  }
  if (view.polarity) out.set_polarity(same_number<v1::View::Polarity>(view.polarity, v1::View::Polarity_IsValid));

  v1::Geometry& geometry = *out.mutable_geometry();
  if (view.pitch_across_um) geometry.set_pitch_across_um(view.pitch_across_um);
  if (view.pitch_along_um) geometry.set_pitch_along_um(view.pitch_along_um);
  if (view.pitch_slice_um) geometry.set_pitch_slice_um(view.pitch_slice_um);
  if (view.source_side)
    geometry.set_source_side(same_number<v1::Geometry::SourceSide>(view.source_side, v1::Geometry::SourceSide_IsValid));
  if (view.source_angle_mdeg != INT32_MIN) geometry.set_source_angle_mdeg(view.source_angle_mdeg);
  if (view.column_zero)
    geometry.set_delivered_column_zero(
        same_number<v1::Geometry::ColumnZero>(view.column_zero, v1::Geometry::ColumnZero_IsValid));
  if (view.row_zero)
    geometry.set_delivered_row_zero(same_number<v1::Geometry::RowZero>(view.row_zero, v1::Geometry::RowZero_IsValid));

  for (const image::Channel& channel : view.channels) {
    v1::Channel& added = *out.add_channels();
    if (channel.kind >= GARITA_CHANNEL_VENDOR) {
      added.set_kind(v1::Channel::KIND_VENDOR);
      added.set_vendor_code(channel.kind);
    } else {
      added.set_kind(same_number<v1::Channel::Kind>(channel.kind, v1::Channel::Kind_IsValid));
    }
    if (channel.nominal_energy_kev) added.set_nominal_energy_kev(channel.nominal_energy_kev);
    if (channel.row_offset_um) added.set_row_offset_um(channel.row_offset_um);
  }
}

void set_reading(const image::Reading& reading, v1::Reading& out) {
  out.set_kind(same_number<v1::Reading::Kind>(reading.kind, v1::Reading::Kind_IsValid));
  if (!reading.panel.empty()) out.set_panel(reading.panel);
  set_moment(reading.time, *out.mutable_started());
  if (reading.interval_ns) out.set_interval_ns(reading.interval_ns);
  if (reading.live_ns) out.set_live_ns(reading.live_ns);
  if (reading.unit) out.set_unit(same_number<v1::View::Unit>(reading.unit, v1::View::Unit_IsValid));
  if (reading.flags & GARITA_READING_BACKGROUND) out.set_background(true);
  if (reading.flags & GARITA_READING_OCCUPIED) out.set_occupied(true);
  if (reading.flags & GARITA_READING_ALARM) out.set_alarm(true);
  if (reading.flags & GARITA_READING_FAULT) out.set_fault(true);
  out.mutable_values()->Add(reading.values.begin(), reading.values.end());
  out.mutable_energy_kev()->Add(reading.energy_kev.begin(), reading.energy_kev.end());
}

namespace {

// Of an image that lies in another package, or nowhere: as the device counts its rows and columns.
void set_box_elsewhere(const image::Detection& detection, v1::Detection& out) {
  if (detection.rows == 0 || detection.columns == 0) return;
  out.set_first_row(detection.first_row);
  out.set_rows(detection.rows);
  out.set_first_column(detection.first_column);
  out.set_columns(detection.columns);
  const bool is_flat = detection.first_slice == 0 && detection.slices <= 1;  // a picture's only slice is none
  if (!is_flat) out.set_first_slice(detection.first_slice);
  if (!is_flat) out.set_slices(detection.slices);
  out.mutable_polygon()->Add(detection.polygon.begin(), detection.polygon.end());
}

}  // namespace

void set_detection(const image::Detection& detection, const std::vector<image::View>& views, std::string_view family,
                   v1::Detection& out) {
  set_category(detection, family, out);
  if (!detection.vendor_code.empty()) out.set_vendor_code(detection.vendor_code);
  if (!detection.label.empty()) out.set_label(detection.label);
  if (out.category() == v1::CATEGORY_RADIOACTIVE && is_nuclide(detection.label)) out.set_nuclide(detection.label);
  if (!std::isnan(detection.confidence)) out.set_confidence(detection.confidence);
  out.set_source(same_number<v1::Detection::Source>(detection.source, v1::Detection::Source_IsValid));
  if (detection.view >= views.size()) return set_box_elsewhere(detection, out);
  const image::View& view = views[detection.view];
  out.set_view(view.name);
  out.set_first_row(detection.first_row);
  out.set_rows(detection.rows);
  // Columns turn round with the plane: what lay at the bottom is stored at the top.
  const normalize::Orientation orientation = normalize::orientation_of(view);
  out.set_first_column(
      normalize::canonical_column(orientation, view.columns, detection.first_column, detection.columns));
  out.set_columns(detection.columns);
  if (view.shape == GARITA_SHAPE_VOLUME) {
    out.set_first_slice(detection.first_slice);
    out.set_slices(detection.slices);
  }
  for (size_t i = 0; i < detection.polygon.size(); ++i)
    out.add_polygon(orientation.columns_flipped && i % 2 == 0 ? view.columns - detection.polygon[i] : detection.polygon[i]);
}

void set_attachment(const image::Attachment& attachment, v1::Attachment& out) {
  out.set_name(attachment.name);
  out.set_media_type(attachment.media_type);
  const auto role = same_number<v1::Attachment::Role>(attachment.role, v1::Attachment::Role_IsValid);
  out.set_role(role == 0 ? v1::Attachment::ROLE_VENDOR : role);
  out.set_size_bytes(attachment.total_bytes);
}

void set_plane(const normalize::PlaneReport& plane, v1::Channel& out) {
  v1::Quality& quality = *out.mutable_quality();
  if (plane.quality.open_field) {
    quality.set_open_field_level(plane.quality.open_field_level);
    quality.set_open_field_noise(plane.quality.open_field_noise);
    quality.set_snr(plane.quality.snr);
  }
  if (plane.canonical) {
    quality.set_saturated_low(plane.saturation.low);
    quality.set_saturated_high(plane.saturation.high);
  }
  quality.set_dead_pixels(plane.dead_pixels);
  quality.set_lost_lines(plane.lost_row_count + plane.lost_line_count);
  for (const normalize::RowRange& lost : plane.lost_rows) {
    v1::RowRange& range = *out.add_lost_lines();
    range.set_first_row(static_cast<int64_t>(lost.first_row));
    range.set_rows(static_cast<int64_t>(lost.rows));
  }
  for (const normalize::LineGap& gap : plane.gaps) {
    v1::LineGap& added = *out.add_line_gaps();
    added.set_before_row(static_cast<int64_t>(gap.before_row));
    added.set_lines(static_cast<int64_t>(std::min<uint64_t>(gap.lines, INT64_MAX)));
  }
  for (const normalize::DeadRun& dead : plane.dead) {
    v1::PixelRun& run = *out.add_dead_pixels();
    run.set_first_row(static_cast<int64_t>(dead.first_row));
    run.set_rows(static_cast<int64_t>(dead.rows ? dead.rows : plane.rows));
    run.set_first_column(dead.first_column);
    run.set_columns(dead.columns);
  }
}

void set_view_report(const normalize::ViewReport& report, v1::View& out) {
  v1::Geometry& geometry = *out.mutable_geometry();
  geometry.set_columns_reversed(report.orientation.columns_flipped);
  geometry.set_rows_rear_first(report.orientation.rows_rear_first);
  geometry.set_front_known(report.orientation.front_known);
  if (report.orientation.columns_known) {
    const bool upright = geometry.delivered_column_zero() == v1::Geometry::COLUMN_ZERO_TOP ||
                         geometry.delivered_column_zero() == v1::Geometry::COLUMN_ZERO_BOTTOM;
    geometry.set_column_zero(upright ? v1::Geometry::COLUMN_ZERO_TOP : v1::Geometry::COLUMN_ZERO_LEFT);
  }
  uint64_t rows = 0;
  for (size_t i = 0; i < report.channels.size(); ++i) {
    const normalize::PlaneReport& plane = report.channels[i];
    rows = std::max(rows, plane.rows);
    if (i < static_cast<size_t>(out.channels_size())) set_plane(plane, *out.mutable_channels(static_cast<int>(i)));
    if (plane.rows == 0) continue;
    out.set_sample_type(same_number<v1::View::SampleType>(plane.sample_type, v1::View::SampleType_IsValid));
    if (!plane.canonical) continue;
    out.set_transmission_offset(normalize::canonical_opaque);
    out.set_transmission_scale(normalize::canonical_span);
  }
  out.set_rows(out.slices() > 1 ? rows / out.slices() : rows);
}

}  // namespace garita::host
