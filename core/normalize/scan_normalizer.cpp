#include "core/normalize/scan_normalizer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "core/normalize/plane_stream.hpp"
#include "garita/status.h"

namespace garita::normalize {
namespace {

constexpr size_t max_reasons = 64;

base::Error fault(std::string_view key, std::vector<base::Field> fields, uint32_t status) {
  return {base::Outcome::incomplete, "normalize." + std::string(key), std::move(fields), status};
}

base::Error strip_fault(std::string_view key, const image::View& view, const image::Strip& strip,
                        std::vector<base::Field> more) {
  std::vector<base::Field> fields = {{"view", view.name}, {"channel", std::to_string(strip.channel)}};
  for (base::Field& field : more) fields.push_back(std::move(field));
  return fault(key, std::move(fields), GARITA_DRIVER_FAULT);
}

// The first thing about a view that cannot be, or nothing.
std::string_view bad_view(const image::View& view, const Settings& settings) {
  if (view.columns == 0 || view.columns > GARITA_MAX_COLUMNS) return "columns";
  if (image::sample_size_bytes(view.sample_type) == 0) return "sample_type";
  if (view.channels.empty() || view.channels.size() > GARITA_MAX_CHANNELS) return "channels";
  if (view.shape < GARITA_SHAPE_SCAN || view.shape > GARITA_SHAPE_VOLUME) return "shape";
  if (view.shape != GARITA_SHAPE_SCAN && view.rows == 0) return "rows";
  if (view.shape == GARITA_SHAPE_VOLUME ? view.slices == 0 || view.slices > settings.max_slices
                                        : view.slices > 1)
    return "slices";
  if (!expected_format(view).canonical) return "";
  const uint32_t type = view.sample_type;
  if (type != GARITA_SAMPLE_U8 && type != GARITA_SAMPLE_U16 && type != GARITA_SAMPLE_U32 &&
      type != GARITA_SAMPLE_F32)
    return "sample_type";
  if (view.fidelity != GARITA_FIDELITY_RAW_COUNTS &&
      !(std::isfinite(view.slope) && std::isfinite(view.intercept)))
    return "slope";
  return "";
}

uint32_t slices_of(const image::View& view) { return view.shape == GARITA_SHAPE_VOLUME ? view.slices : 1; }

// The first thing about a strip that does not fit its view, or nothing.
std::string_view bad_strip(const image::View& view, const image::Strip& strip) {
  if (strip.slice >= slices_of(view)) return "slice";
  if (strip.rows == 0 || strip.rows > GARITA_MAX_STRIP_ROWS) return "rows";
  const uint64_t row_bytes = uint64_t{view.columns} * image::sample_size_bytes(view.sample_type);
  if (strip.row_stride_bytes < row_bytes || strip.row_stride_bytes > GARITA_MAX_STRIP_BYTES ||
      (strip.rows - 1) * strip.row_stride_bytes + row_bytes > GARITA_MAX_STRIP_BYTES)
    return "row_stride_bytes";
  if (view.shape != GARITA_SHAPE_SCAN &&
      (strip.first_row > view.rows || strip.rows > view.rows - strip.first_row))
    return "first_row";
  const auto fits = [&](const auto& array) { return array.empty() || array.size() == strip.rows; };
  if (!fits(strip.line_index)) return "line_index";
  if (!fits(strip.time_utc_ns)) return "time_utc_ns";
  if (!fits(strip.position_um)) return "position_um";
  if (!fits(strip.dose_q16)) return "dose_q16";
  return strip.memory ? "" : "strip";
}

// The first row whose line number does not rise, or strip.rows.
uint32_t first_unordered_line(const image::Strip& strip, std::optional<uint64_t> last) {
  for (uint32_t row = 0; row < strip.line_index.size(); ++row) {
    if (last && strip.line_index[row] <= *last) return row;
    last = strip.line_index[row];
  }
  return strip.rows;
}

bool same(const base::Error& a, const base::Error& b) {
  return a.id == b.id && std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                                    [](const base::Field& x, const base::Field& y) {
                                      return x.name == y.name && x.value == y.value;
                                    });
}

}  // namespace

base::Result<void> RowSink::plane(uint32_t, uint32_t, const PlaneFormat&) { return {}; }
base::Result<void> RowSink::raw_doses(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t,
                                      std::span<const uint32_t>) {
  return {};
}
base::Result<void> RowSink::raw_rows(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t,
                                     std::span<const std::byte>) {
  return {};
}

struct ScanNormalizer::Scan {
  struct Plane {
    PlaneStream stream;
    std::optional<base::Error> closed;  // by what the sink said
  };
  std::vector<image::View> views;
  std::vector<std::vector<Plane>> planes;  // by view and channel
  std::vector<base::Error> reasons;
  Buffers buffers;

  void add_reason(const base::Error& reason) {
    const auto known = [&](const base::Error& other) { return same(reason, other); };
    if (reasons.size() < max_reasons && std::none_of(reasons.begin(), reasons.end(), known))
      reasons.push_back(reason);
  }
  base::Error failed(const base::Error& reason) {
    add_reason(reason);
    return reason;
  }

  base::Result<void> strip(const image::Strip& strip, CalibrationStore& calibrations);
  void check_channels_together(uint32_t view);
  void check_rows(const image::ScanEnd* end);
  void check_plane_rows(uint32_t view, uint32_t channel, uint64_t received);
  ScanReport report();
};

base::Result<void> ScanNormalizer::Scan::strip(const image::Strip& strip, CalibrationStore& calibrations) {
  if (strip.view >= views.size() || strip.channel >= planes[strip.view].size())
    return failed(fault("bad_strip",
                        {{"view", std::to_string(strip.view)},
                         {"channel", std::to_string(strip.channel)},
                         {"what", strip.view >= views.size() ? "view" : "channel"}},
                        GARITA_DRIVER_FAULT));
  const image::View& view = views[strip.view];
  Plane& plane = planes[strip.view][strip.channel];
  if (plane.closed) return *plane.closed;
  if (const std::string_view what = bad_strip(view, strip); !what.empty())
    return failed(strip_fault("bad_strip", view, strip, {{"what", std::string(what)}}));
  if (const uint64_t expected = plane.stream.next_row(strip.slice); strip.first_row != expected)
    return failed(
        strip_fault("rows_out_of_order", view, strip,
                    {{"expected", std::to_string(expected)}, {"given", std::to_string(strip.first_row)}}));
  if (const uint32_t row = first_unordered_line(strip, plane.stream.last_line(strip.slice));
      row != strip.rows)
    return failed(
        strip_fault("lines_out_of_order", view, strip, {{"row", std::to_string(strip.first_row + row)}}));

  base::Result<void> done;
  if (!plane.stream.started()) {
    std::optional<base::Error> uncorrected;
    done = plane.stream.start(calibrations, uncorrected);
    if (uncorrected) add_reason(*uncorrected);
  }
  if (done) done = plane.stream.rows(strip);
  if (!done) {
    plane.closed = done.error();
    return failed(done.error());
  }
  check_channels_together(strip.view);
  return {};
}

void ScanNormalizer::Scan::check_channels_together(uint32_t view) {
  const auto [least, most] = std::minmax_element(
      planes[view].begin(), planes[view].end(),
      [](const Plane& a, const Plane& b) { return a.stream.row_count() < b.stream.row_count(); });
  if (most->stream.row_count() - least->stream.row_count() > GARITA_MAX_CHANNEL_SKEW)
    add_reason(fault("channels_apart",
                     {{"view", views[view].name}, {"limit", std::to_string(GARITA_MAX_CHANNEL_SKEW)}},
                     GARITA_DRIVER_FAULT));
}

void ScanNormalizer::Scan::check_plane_rows(uint32_t view, uint32_t channel, uint64_t received) {
  const image::View& of = views[view];
  const uint64_t expected =
      of.shape == GARITA_SHAPE_SCAN ? std::max<uint64_t>(received, 1) : of.rows * uint64_t{slices_of(of)};
  if (received < expected)
    add_reason(fault("rows_missing",
                     {{"view", of.name},
                      {"channel", std::to_string(channel)},
                      {"received", std::to_string(received)},
                      {"expected", std::to_string(expected)}},
                     GARITA_DATA_TRUNCATED));
}

void ScanNormalizer::Scan::check_rows(const image::ScanEnd* end) {
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> totals;
  if (end)
    for (const image::Total& total : end->totals) totals[{total.view, total.channel}] = total.rows;
  for (uint32_t view = 0; view < views.size(); ++view) {
    for (uint32_t channel = 0; channel < planes[view].size(); ++channel) {
      const uint64_t received = planes[view][channel].stream.row_count();
      check_plane_rows(view, channel, received);
      const auto said = totals.find({view, channel});
      if (end && (said == totals.end() || said->second != received))
        add_reason(fault("totals_differ",
                         {{"view", views[view].name},
                          {"channel", std::to_string(channel)},
                          {"received", std::to_string(received)},
                          {"expected", said == totals.end() ? "-" : std::to_string(said->second)}},
                         GARITA_DATA_TRUNCATED));
      if (received != planes[view][0].stream.row_count())
        add_reason(fault("channels_differ", {{"view", views[view].name}}, GARITA_DATA_TRUNCATED));
    }
  }
}

ScanReport ScanNormalizer::Scan::report() {
  ScanReport report;
  for (uint32_t view = 0; view < views.size(); ++view) {
    ViewReport& of = report.views.emplace_back();
    of.orientation = orientation_of(views[view]);
    of.whole_rows = UINT64_MAX;
    for (const Plane& plane : planes[view]) {
      of.channels.push_back(plane.stream.report());
      of.whole_rows = std::min(of.whole_rows, plane.stream.row_count());
    }
  }
  report.reasons = std::move(reasons);
  report.complete = report.reasons.empty();
  return report;
}

ScanNormalizer::ScanNormalizer(CalibrationStore& calibrations, RowSink& sink, Settings settings)
    : calibrations_(calibrations), sink_(sink), settings_(settings) {}
ScanNormalizer::~ScanNormalizer() = default;

base::Result<void> ScanNormalizer::begin(const image::ScanBegin& begin) {
  scan_.reset();
  if (begin.views.size() > GARITA_MAX_VIEWS)
    return fault("bad_view", {{"view", "-"}, {"what", "views"}}, GARITA_DRIVER_FAULT);
  for (const image::View& view : begin.views)
    if (const std::string_view what = bad_view(view, settings_); !what.empty())
      return fault("bad_view", {{"view", view.name}, {"what", std::string(what)}}, GARITA_DRIVER_FAULT);
  scan_ = std::make_unique<Scan>();
  scan_->views = begin.views;
  for (uint32_t view = 0; view < scan_->views.size(); ++view) {
    auto& planes = scan_->planes.emplace_back();
    const image::View& of = scan_->views[view];
    for (uint32_t channel = 0; channel < of.channels.size(); ++channel)
      planes.push_back({PlaneStream(of, view, channel, sink_, settings_, scan_->buffers), {}});
  }
  return {};
}

base::Result<void> ScanNormalizer::strip(const image::Strip& strip) {
  if (!scan_) return fault("no_scan", {}, GARITA_WRONG_STATE);
  return scan_->strip(strip, calibrations_);
}

ScanReport ScanNormalizer::end(const image::ScanEnd& end) {
  if (!scan_) return {};
  if (end.outcome != GARITA_SCAN_COMPLETE)
    scan_->add_reason(fault(end.outcome == GARITA_SCAN_ABORTED ? "scan_aborted" : "scan_fault",
                            {{"reason", end.reason}}, end.code));
  scan_->check_rows(&end);
  ScanReport report = scan_->report();
  scan_.reset();
  return report;
}

ScanReport ScanNormalizer::cut(base::Error reason) {
  if (!scan_) return {};
  scan_->add_reason(reason);
  scan_->check_rows(nullptr);
  ScanReport report = scan_->report();
  scan_.reset();
  return report;
}

}  // namespace garita::normalize
