#include "core/load/event_check.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/utf8.hpp"
#include "core/base/weaken.hpp"
#include "core/load/fault.hpp"
#include "core/load/view_check.hpp"

namespace garita::load {
namespace {

constexpr size_t max_open_calibrations = 4 * GARITA_MAX_CALIBRATIONS;

// A text that names something and is compared: one that is not text is the driver's fault.
base::Result<void> check_key(const std::string& text, const std::string& driver, std::string_view event,
                             const char* field) {
  if (text.find('\0') != std::string::npos) return fault(driver, event, "text_nul", {{"field", field}});
  if (!base::is_valid_utf8(text)) return fault(driver, event, "text_not_utf8", {{"field", field}});
  return {};
}

// A text for people: made readable, whatever it is.
void mend(std::string& text) {
  if (!base::is_valid_utf8(text)) text = base::valid_utf8(text);
  for (size_t at; (at = text.find('\0')) != std::string::npos;) text.replace(at, 1, "\xEF\xBF\xBD");
}

base::Result<void> check_attributes(const std::vector<image::Attribute>& attributes,
                                    const std::string& driver, std::string_view event) {
  for (const image::Attribute& attribute : attributes) {
    if (attribute.key.empty() || attribute.key.size() > GARITA_MAX_KEY_BYTES)
      return fault(
          driver, event, "key_size",
          {{"size", std::to_string(attribute.key.size())}, {"limit", std::to_string(GARITA_MAX_KEY_BYTES)}});
    GARITA_TRY(check_key(attribute.key, driver, event, "attributes.key"));
  }
  return {};
}

// Stride and sample type of rows of pixels or calibration.
base::Result<void> check_stride(uint64_t stride, uint32_t columns, uint32_t sample_type,
                                const std::string& driver, std::string_view event) {
  const uint64_t row_bytes = uint64_t{columns} * image::sample_size_bytes(sample_type);
  if (stride >= row_bytes) return {};
  return fault(driver, event, "stride_short",
               {{"stride", std::to_string(stride)}, {"needed", std::to_string(row_bytes)}});
}

base::Error index_unknown(const std::string& driver, std::string_view event, const char* field,
                          uint64_t value, uint64_t count) {
  return fault(driver, event, "index_unknown",
               {{"field", field}, {"value", std::to_string(value)}, {"count", std::to_string(count)}});
}

// Does first … first + count - 1 lie within limit, without overflow?
bool inside(uint64_t first, uint64_t count, uint64_t limit) {
  return count <= limit && first <= limit - count;
}

}  // namespace

EventCheck::EventCheck(std::string driver, uint64_t max_scan_rows)
    : driver_(std::move(driver)), max_scan_rows_(max_scan_rows) {}

base::Result<void> EventCheck::check(image::Event& event, Counts& counts) {
  base::Result<void> verdict = std::visit([&](auto& own) { return on(own, counts); }, event);
  if (base::weakened("event_check")) return {};
  // What means nothing here keeps its number in `on`; it is emptied here, where the variant is at hand.
  if (verdict.ok() && dropped_) event = std::monostate();
  dropped_ = false;
  return verdict;
}

base::Error EventCheck::wrong_state(std::string_view event, std::string_view id) const {
  return fault(driver_, event, id, {}, GARITA_WRONG_STATE);
}

uint64_t EventCheck::ViewState::rows(uint32_t channel, uint32_t slice) const {
  const auto lane = lanes.find({channel, slice});
  return lane == lanes.end() ? 0 : lane->second.rows;
}

uint64_t EventCheck::ViewState::all_rows(uint32_t channel) const {
  uint64_t sum = 0;
  for (auto lane = lanes.lower_bound({channel, 0}); lane != lanes.end() && lane->first.first == channel;
       ++lane)
    sum += lane->second.rows;
  return sum;
}

void EventCheck::limit_attributes(std::vector<image::Attribute>& attributes, Counts& counts) {
  size_t& seen = in_scan_ ? scan_attributes_ : standing_attributes_;
  const size_t left = GARITA_MAX_ATTRIBUTES - seen;
  if (attributes.size() > left) {
    counts.dropped_attributes += attributes.size() - left;
    attributes.resize(left);
  }
  seen += attributes.size();
}

base::Result<void> EventCheck::on(image::ScanBegin& begin, Counts& counts) {
  if (in_scan_ && !data_failed_) return wrong_state("SCAN_BEGIN", "scan_twice");
  for (const auto& [field, key] : {std::pair("key", &begin.key), std::pair("related_key", &begin.related_key),
                                   std::pair("passage_key", &begin.passage_key)}) {
    if (key->size() > GARITA_MAX_SCAN_KEY_BYTES)
      return fault(driver_, "SCAN_BEGIN", "text_too_long",
                   {{"field", field},
                    {"size", std::to_string(key->size())},
                    {"limit", std::to_string(GARITA_MAX_SCAN_KEY_BYTES)}});
    GARITA_TRY(check_key(*key, driver_, "SCAN_BEGIN", field));
  }
  GARITA_TRY(check_views(begin.views, driver_, max_scan_rows_));
  GARITA_TRY(check_attributes(begin.attributes, driver_, "SCAN_BEGIN"));
  if (begin.relation != GARITA_RELATION_SUPPLEMENT) begin.relation = GARITA_RELATION_NEW;

  in_scan_ = true;
  data_failed_ = false;
  scan_attributes_ = 0;
  limit_attributes(begin.attributes, counts);
  objects_ = begin.objects;
  attachments_.clear();
  views_.clear();
  for (const image::View& view : begin.views) views_.push_back({view, {}, 0});
  return {};
}

base::Result<void> EventCheck::on(image::Calibration& calibration, Counts& counts) {
  constexpr std::string_view event = "CALIBRATION";
  if (image::sample_size_bytes(calibration.sample_type) == 0)
    return fault(driver_, event, "enum_unknown",
                 {{"field", "sample_type"}, {"value", std::to_string(calibration.sample_type)}});
  if (calibration.columns == 0 || calibration.columns > GARITA_MAX_COLUMNS)
    return fault(
        driver_, event, "columns",
        {{"columns", std::to_string(calibration.columns)}, {"limit", std::to_string(GARITA_MAX_COLUMNS)}});
  GARITA_TRY(check_stride(calibration.row_stride_bytes, calibration.columns, calibration.sample_type, driver_,
                          event));
  if (calibration.rows == 0 || !inside(calibration.first_row, calibration.rows, calibration.total_rows))
    return fault(driver_, event, "calibration_rows",
                 {{"first", std::to_string(calibration.first_row)},
                  {"rows", std::to_string(calibration.rows)},
                  {"total", std::to_string(calibration.total_rows)}});
  if (calibration.role != GARITA_CALIBRATION_DARK && calibration.role != GARITA_CALIBRATION_AIR) {
    ++counts.unknown_events;
    dropped_ = true;
    return {};
  }
  const std::pair<uint64_t, uint32_t> place(calibration.id, calibration.role);
  const auto open = calibration_rows_.find(place);
  const uint32_t expected = open == calibration_rows_.end() || calibration.first_row == 0 ? 0 : open->second;
  if (calibration.first_row != expected)
    return fault(driver_, event, "calibration_order",
                 {{"first", std::to_string(calibration.first_row)}, {"expected", std::to_string(expected)}});
  calibration_rows_[place] = calibration.first_row + calibration.rows;
  if (calibration.first_row + calibration.rows == calibration.total_rows) calibration_rows_.erase(place);
  while (calibration_rows_.size() > max_open_calibrations) calibration_rows_.erase(calibration_rows_.begin());
  return {};
}

base::Result<void> EventCheck::on(image::Strip& strip, Counts&) {
  if (!in_scan_) return wrong_state("STRIP", "outside_scan");
  GARITA_TRY(check_place(strip));
  ViewState& state = views_[strip.view];
  GARITA_TRY(check_order(strip, state));
  Lane& lane = state.lanes[{strip.channel, strip.slice}];
  GARITA_TRY(check_line_index(strip, lane));
  lane.rows += strip.rows;
  if (!strip.line_index.empty()) {
    lane.has_line_index = true;
    lane.last_line_index = strip.line_index.back();
  }
  return {};
}

// Is there such a view, channel and slice, and do the sizes agree?
base::Result<void> EventCheck::check_place(const image::Strip& strip) const {
  if (strip.view >= views_.size()) return index_unknown(driver_, "STRIP", "view", strip.view, views_.size());
  const image::View& view = views_[strip.view].view;
  if (strip.channel >= view.channels.size())
    return index_unknown(driver_, "STRIP", "channel", strip.channel, view.channels.size());
  const uint32_t slices = view.shape == GARITA_SHAPE_VOLUME ? view.slices : 1;
  if (strip.slice >= slices) return index_unknown(driver_, "STRIP", "slice", strip.slice, slices);
  if (strip.rows == 0 || strip.rows > GARITA_MAX_STRIP_ROWS)
    return fault(driver_, "STRIP", "rows",
                 {{"rows", std::to_string(strip.rows)}, {"limit", std::to_string(GARITA_MAX_STRIP_ROWS)}});
  for (size_t count :
       {strip.line_index.size(), strip.time_utc_ns.size(), strip.position_um.size(), strip.dose_q16.size()})
    if (count != 0 && count != strip.rows)
      return fault(driver_, "STRIP", "row_arrays",
                   {{"count", std::to_string(count)}, {"rows", std::to_string(strip.rows)}});
  return check_stride(strip.row_stride_bytes, view.columns, view.sample_type, driver_, "STRIP");
}

// first_row counts without gaps or repeats, within the view, and not too far from the other channels.
base::Result<void> EventCheck::check_order(const image::Strip& strip, const ViewState& state) const {
  const uint64_t expected = state.rows(strip.channel, strip.slice);
  if (strip.first_row != expected)
    return fault(driver_, "STRIP", strip.first_row > expected ? "row_gap" : "row_repeat",
                 {{"view", state.view.name},
                  {"row", std::to_string(strip.first_row)},
                  {"expected", std::to_string(expected)}});
  const uint64_t limit = state.view.shape == GARITA_SHAPE_SCAN ? max_scan_rows_ : state.view.rows;
  if (!inside(strip.first_row, strip.rows, limit))
    return fault(driver_, "STRIP", "too_many_rows",
                 {{"view", state.view.name}, {"limit", std::to_string(limit)}});
  uint64_t fewest = expected + strip.rows;
  for (uint32_t channel = 0; channel < state.view.channels.size(); ++channel)
    if (channel != strip.channel) fewest = std::min(fewest, state.rows(channel, strip.slice));
  if (expected + strip.rows - fewest > GARITA_MAX_CHANNEL_SKEW)
    return fault(driver_, "STRIP", "channel_skew",
                 {{"view", state.view.name}, {"limit", std::to_string(GARITA_MAX_CHANNEL_SKEW)}});
  return {};
}

base::Result<void> EventCheck::check_line_index(const image::Strip& strip, const Lane& lane) const {
  bool known = lane.has_line_index;
  uint64_t last = lane.last_line_index;
  for (uint64_t index : strip.line_index) {
    if (known && index <= last)
      return fault(driver_, "STRIP", "line_index",
                   {{"index", std::to_string(index)}, {"last", std::to_string(last)}});
    known = true;
    last = index;
  }
  return {};
}

base::Result<void> EventCheck::on(image::Reading& reading, Counts& counts) {
  if (reading.values.size() > GARITA_MAX_READING_VALUES)
    return fault(driver_, "READING", "array_too_long",
                 {{"field", "values"},
                  {"count", std::to_string(reading.values.size())},
                  {"limit", std::to_string(GARITA_MAX_READING_VALUES)}});
  mend(reading.panel);
  if (reading.kind < GARITA_READING_GAMMA || reading.kind > GARITA_READING_DOSE_RATE) {
    ++counts.unknown_events;
    dropped_ = true;
  }
  return {};
}

base::Result<void> EventCheck::on(image::Detection& detection, Counts&) {
  constexpr std::string_view event = "DETECTION";
  if (!in_scan_) return wrong_state(event, "outside_scan");
  GARITA_TRY(check_key(detection.category, driver_, event, "category"));
  mend(detection.vendor_code);
  mend(detection.label);
  const double confidence = detection.confidence;
  if (!std::isnan(confidence) && (confidence < 0 || confidence > 1))
    return fault(driver_, event, "confidence");
  if (detection.polygon.size() % 2 != 0 || !std::all_of(detection.polygon.begin(), detection.polygon.end(),
                                                        [](double v) { return std::isfinite(v); }))
    return fault(driver_, event, "polygon");
  if (detection.view == GARITA_NO_VIEW) return {};
  if (detection.view >= views_.size())
    return index_unknown(driver_, event, "view", detection.view, views_.size());

  ViewState& state = views_[detection.view];
  const bool scan = state.view.shape == GARITA_SHAPE_SCAN;
  const uint32_t slices = state.view.shape == GARITA_SHAPE_VOLUME ? state.view.slices : 1;
  if (!inside(detection.first_column, detection.columns, state.view.columns) ||
      !inside(detection.first_slice, detection.slices, slices) ||
      !inside(detection.first_row, detection.rows, scan ? max_scan_rows_ : state.view.rows))
    return fault(driver_, event, "box_outside", {{"view", state.view.name}});
  state.detected_rows = std::max(state.detected_rows, detection.first_row + detection.rows);
  return {};
}

base::Result<void> EventCheck::on(image::Attributes& attributes, Counts& counts) {
  GARITA_TRY(check_attributes(attributes.attributes, driver_, "ATTRIBUTES"));
  limit_attributes(attributes.attributes, counts);
  return {};
}

base::Result<void> EventCheck::on(image::Attachment& attachment, Counts&) {
  constexpr std::string_view event = "ATTACHMENT";
  if (!in_scan_) return wrong_state(event, "outside_scan");
  mend(attachment.name);
  mend(attachment.media_type);
  if (attachment.index > attachments_.size() || attachment.index >= GARITA_MAX_ATTACHMENTS)
    return index_unknown(driver_, event, "index", attachment.index, attachments_.size());
  const bool whole = attachment.object != 0;
  if (attachment.total_bytes > GARITA_MAX_ATTACHMENT_BYTES ||
      (!whole && (attachment.size_bytes == 0 ||
                  !inside(attachment.offset, attachment.size_bytes, attachment.total_bytes))))
    return fault(driver_, event, "attachment_size",
                 {{"offset", std::to_string(attachment.offset)},
                  {"size", std::to_string(attachment.size_bytes)},
                  {"total", std::to_string(attachment.total_bytes)},
                  {"limit", std::to_string(GARITA_MAX_ATTACHMENT_BYTES)}});
  if (attachment.index == attachments_.size()) {
    attachments_.push_back({attachment, 0, false});
    attachments_.back().first.memory = nullptr;
  }
  AttachmentState& state = attachments_[attachment.index];
  const image::Attachment& first = state.first;
  if (first.role != attachment.role || first.media_type != attachment.media_type ||
      first.name != attachment.name || first.total_bytes != attachment.total_bytes ||
      first.object != attachment.object)
    return fault(driver_, event, "attachment_changed", {{"index", std::to_string(attachment.index)}});
  if (attachment.offset != state.received_bytes || (whole && state.done))
    return fault(driver_, event, "attachment_order",
                 {{"index", std::to_string(attachment.index)},
                  {"offset", std::to_string(attachment.offset)},
                  {"expected", std::to_string(state.received_bytes)}});
  if (!whole) state.received_bytes += attachment.size_bytes;
  state.done = whole || state.received_bytes == attachment.total_bytes;
  return {};
}

base::Result<void> EventCheck::on(image::ScanEnd& end, Counts&) {
  if (!in_scan_) return wrong_state("SCAN_END", "outside_scan");
  mend(end.reason);
  if (end.outcome != GARITA_SCAN_COMPLETE && end.outcome != GARITA_SCAN_ABORTED)
    end.outcome = GARITA_SCAN_FAULT;
  if (end.outcome == GARITA_SCAN_COMPLETE) {
    GARITA_TRY(check_totals(end));
    GARITA_TRY(check_whole());
  }
  in_scan_ = false;
  data_failed_ = false;
  views_.clear();
  objects_.clear();
  attachments_.clear();
  return {};
}

// Every (view, channel) stands once in the totals, with the rows that came.
base::Result<void> EventCheck::check_totals(const image::ScanEnd& end) const {
  std::set<std::pair<uint32_t, uint32_t>> named;
  for (const image::Total& total : end.totals) {
    if (total.view >= views_.size())
      return index_unknown(driver_, "SCAN_END", "totals.view", total.view, views_.size());
    const ViewState& state = views_[total.view];
    if (total.channel >= state.view.channels.size())
      return index_unknown(driver_, "SCAN_END", "totals.channel", total.channel, state.view.channels.size());
    const uint64_t received = state.all_rows(total.channel);
    if (!named.emplace(total.view, total.channel).second || total.rows != received)
      return fault(driver_, "SCAN_END", "totals",
                   {{"view", state.view.name},
                    {"said", std::to_string(total.rows)},
                    {"received", std::to_string(received)}});
  }
  for (uint32_t view = 0; view < views_.size(); ++view)
    for (uint32_t channel = 0; channel < views_[view].view.channels.size(); ++channel)
      if (!named.contains({view, channel}))
        return fault(driver_, "SCAN_END", "total_missing", {{"view", views_[view].view.name}});
  return {};
}

// A scan that says it is complete has all of every picture and attachment that it announced.
base::Result<void> EventCheck::check_whole() const {
  for (const ViewState& state : views_) {
    const image::View& view = state.view;
    const bool scan = view.shape == GARITA_SHAPE_SCAN;
    const uint64_t wanted = scan ? state.all_rows(0) : view.rows * view.slices;
    for (uint32_t channel = 0; channel < view.channels.size(); ++channel)
      if (state.all_rows(channel) != wanted)
        return fault(driver_, "SCAN_END", "view_torn",
                     {{"view", view.name},
                      {"rows", std::to_string(state.all_rows(channel))},
                      {"expected", std::to_string(wanted)}});
    if (state.detected_rows > (scan ? wanted : view.rows))
      return fault(driver_, "DETECTION", "box_outside", {{"view", view.name}});
  }
  for (const AttachmentState& state : attachments_)
    if (!state.done)
      return fault(driver_, "SCAN_END", "attachment_torn",
                   {{"index", std::to_string(state.first.index)},
                    {"received", std::to_string(state.received_bytes)},
                    {"total", std::to_string(state.first.total_bytes)}});
  return {};
}

base::Result<void> EventCheck::on(image::Health& health, Counts&) {
  mend(health.message);
  return {};
}

}  // namespace garita::load
