// One event in the shape of the ABI. Body and arrays stay valid until the next pack().
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "garita/events.hpp"
#include "garita/text.hpp"

namespace garita {

template <typename Element>
garita_array array(const std::vector<Element>& elements) {
  return {elements.data(), static_cast<uint32_t>(elements.size()), sizeof(Element)};
}

// Texts and rows are not copied: the owned event must stay where it is for as long as the packed one is read.
class PackedEvent {
 public:
  PackedEvent() = default;
  PackedEvent(const PackedEvent&) = delete;
  PackedEvent& operator=(const PackedEvent&) = delete;

  void pack(const ScanBegin& from) {
    pack_views(from.views);
    pack_attributes(from.attributes);
    auto& body = start<garita_scan_begin>(GARITA_EVENT_SCAN_BEGIN);
    body.relation = from.relation;
    body.key = text(from.key);
    body.related_key = text(from.related_key);
    body.passage_key = text(from.passage_key);
    body.time = from.time;
    body.attributes = array(attributes_);
    body.views = array(views_);
    body.objects = array(from.objects);
  }

  void pack(const Calibration& from, uint32_t first_row, uint32_t rows, uint64_t strip) {
    const uint64_t stride = uint64_t{from.columns} * sample_size_bytes(from.sample_type);
    auto& body = start<garita_calibration>(GARITA_EVENT_CALIBRATION);
    body.role = from.role;
    body.id = from.id;
    body.view = from.view;
    body.channel = from.channel;
    body.columns = from.columns;
    body.sample_type = from.sample_type;
    body.first_row = first_row;
    body.rows = rows;
    body.total_rows = static_cast<uint32_t>(from.data.size() / stride);
    body.averaged = from.averaged;
    body.row_stride_bytes = stride;
    body.strip = strip;
    body.time = from.time;
  }

  void pack(const Strip& from, uint64_t strip) {
    auto& body = start<garita_strip>(GARITA_EVENT_STRIP);
    body.view = from.view;
    body.channel = from.channel;
    body.slice = from.slice;
    body.first_row = from.first_row;
    body.rows = from.rows;
    body.row_stride_bytes = from.row_stride_bytes;
    body.strip = strip;
    body.time = from.time;
    body.line_index = data_or_null(from.line_index);
    body.time_utc_ns = data_or_null(from.time_utc_ns);
    body.position_um = data_or_null(from.position_um);
    body.dose_q16 = data_or_null(from.dose_q16);
  }

  void pack(const Reading& from) {
    auto& body = start<garita_reading>(GARITA_EVENT_READING);
    body.kind = from.kind;
    body.panel = text(from.panel);
    body.time = from.time;
    body.interval_ns = from.interval_ns;
    body.live_ns = from.live_ns;
    body.unit = from.unit;
    body.flags = from.flags;
    body.values = array(from.values);
    body.energy_kev = array(from.energy_kev);
  }

  void pack(const Detection& from) {
    auto& body = start<garita_detection>(GARITA_EVENT_DETECTION);
    body.view = from.view;
    body.first_row = from.first_row;
    body.rows = from.rows;
    body.first_column = from.first_column;
    body.columns = from.columns;
    body.first_slice = from.first_slice;
    body.slices = from.slices;
    body.category = text(from.category);
    body.vendor_code = text(from.vendor_code);
    body.label = text(from.label);
    body.confidence = from.confidence;
    body.source = from.source;
    body.polygon = array(from.polygon);
  }

  void pack(const Attributes& from) {
    pack_attributes(from.attributes);
    start<garita_attributes>(GARITA_EVENT_ATTRIBUTES).attributes = array(attributes_);
  }

  void pack(const Attachment& from, uint32_t index, uint64_t offset, uint64_t size_bytes, uint64_t strip) {
    auto& body = start<garita_attachment>(GARITA_EVENT_ATTACHMENT);
    body.role = from.role;
    body.index = index;
    body.media_type = text(from.media_type);
    body.name = text(from.name);
    body.offset = offset;
    body.size_bytes = size_bytes;
    body.total_bytes = from.data.size();
    body.strip = strip;
    body.object = from.object;
  }

  void pack(const ScanEnd& from, std::span<const garita_total> totals) {
    totals_.assign(totals.begin(), totals.end());
    auto& body = start<garita_scan_end>(GARITA_EVENT_SCAN_END);
    body.outcome = from.outcome;
    body.reason = text(from.reason);
    body.time = from.time;
    body.totals = array(totals_);
    body.code = from.code;
  }

  void pack(const Health& from) {
    auto& body = start<garita_health>(GARITA_EVENT_HEALTH);
    body.state = from.state;
    body.message = text(from.message);
    body.device_time = from.device_time;
    body.vendor_code = from.vendor_code;
  }

  // Writes kind and body into the host's struct.
  void show(garita_event& event) const {
    event.kind = kind_;
    event.body = std::visit([](const auto& body) -> const void* { return &body; }, body_);
  }

 private:
  template <typename Body>
  Body& start(uint32_t kind) {
    kind_ = kind;
    Body& body = body_.emplace<Body>();
    body = Body{};
    body.struct_size = sizeof(Body);
    return body;
  }

  template <typename Element>
  static const Element* data_or_null(const std::vector<Element>& elements) {
    return elements.empty() ? nullptr : elements.data();
  }

  void pack_attributes(const std::vector<Attribute>& from) {
    attributes_.clear();
    for (const Attribute& attribute : from) attributes_.push_back(attribute.packed());
  }

  void pack_views(const std::vector<View>& from) {
    views_.clear();
    channels_.assign(from.size(), {});
    for (size_t i = 0; i < from.size(); ++i) views_.push_back(packed(from[i], channels_[i]));
  }

  static garita_view packed(const View& from, std::vector<garita_channel>& channels) {
    for (const Channel& channel : from.channels)
      channels.push_back(
          {channel.kind, channel.nominal_energy_kev, channel.calibration_id, channel.row_offset_um});
    return {text(from.name),
            from.shape,
            from.sample_type,
            from.bits_used,
            from.quantity,
            from.fidelity,
            from.columns,
            from.rows,
            from.slices,
            from.column_zero,
            from.row_zero,
            from.source_side,
            from.source_angle_mdeg,
            from.polarity,
            from.pitch_across_um,
            from.pitch_along_um,
            from.pitch_slice_um,
            from.unit,
            from.slope,
            from.intercept,
            array(channels)};
  }

  uint32_t kind_ = 0;
  std::variant<garita_scan_begin, garita_calibration, garita_strip, garita_reading, garita_detection,
               garita_attributes, garita_attachment, garita_scan_end, garita_health>
      body_;
  std::vector<garita_attribute> attributes_;
  std::vector<garita_view> views_;
  std::vector<std::vector<garita_channel>> channels_;
  std::vector<garita_total> totals_;
};

}  // namespace garita
