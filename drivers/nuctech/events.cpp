#include "drivers/nuctech/events.hpp"

#include <algorithm>
#include <array>

namespace garita::nuctech {
namespace {

constexpr uint64_t calibration_id(uint32_t portal_id, uint32_t channel) {
  return uint64_t{portal_id} * 2 + channel;
}

Attribute text_attribute(const Host& host, std::string_view key, const Text& text) {
  std::string value = readable(host, text);
  if (value.empty() && !text.bytes.empty()) return attribute(key, std::as_bytes(std::span(text.bytes)));
  return attribute(key, value);
}

void add_text(std::vector<Attribute>& to, const Host& host, std::string_view key, const Text& text) {
  if (!text.bytes.empty()) to.push_back(text_attribute(host, key, text));
}

// Means of one of the four columns of sums, in 1/256 counts, to the nearest.
std::vector<uint32_t> means_q8(const Calibration& measured, size_t which) {
  std::vector<uint32_t> means(measured.columns);
  for (size_t column = 0; column < means.size(); ++column)
    means[column] = static_cast<uint32_t>(
        (uint64_t{measured.sums[column * 4 + which]} * 256 + measured.averaged / 2) / measured.averaged);
  return means;
}

}  // namespace

std::string readable(const Host& host, const Text& text) {
  if (text.charset == Charset::utf8) return text.bytes;
  try {
    return host.to_utf8("GB18030", std::as_bytes(std::span(text.bytes)));
  } catch (const Stop& stop) {
    if (stop.status == GARITA_DATA_CORRUPT || stop.status == GARITA_NOT_SUPPORTED) return {};
    throw;
  }
}

Time moment(int64_t clock_ms, int16_t zone_min, Received received) {
  constexpr int64_t ns_a_ms = 1'000'000, ms_a_minute = 60'000;
  if (clock_ms == 0) return device_time(GARITA_UTC_UNKNOWN, received);
  Time time = device_time((clock_ms - zone_min * ms_a_minute) * ns_a_ms, received, ns_a_ms / 2);
  time.offset_s = zone_min * 60;
  return time;
}

std::vector<Attribute> device_attributes(const Host& host, const Greeting& greeting) {
  std::vector<Attribute> all = {attribute("device.family", "nuctech"),
                                attribute("identity.subject", "conveyance"), attribute("beam.kind", "linac")};
  add_text(all, host, "device.vendor", greeting.vendor);
  add_text(all, host, "device.model", greeting.model);
  add_text(all, host, "device.serial", greeting.serial);
  add_text(all, host, "device.firmware", greeting.firmware);
  add_text(all, host, "org.garita.nuctech.station", greeting.station);
  return all;
}

std::vector<Attribute> scan_attributes(const Host& host, const ScanBegin& scan) {
  constexpr const char* directions[] = {"", "entering", "leaving"};
  std::vector<Attribute> all = {
      attribute("beam.energies_kev[0]", static_cast<double>(scan.high_kev)),
      attribute("beam.energies_kev[1]", static_cast<double>(scan.low_kev)),
  };
  if (scan.direction != 0) all.push_back(attribute("identity.direction", directions[scan.direction]));
  add_text(all, host, "conveyance.plates[0].number", scan.plate);
  add_text(all, host, "conveyance.containers[0].number", scan.container);
  add_text(all, host, "org.garita.nuctech.operator", scan.operator_name);
  add_text(all, host, "org.garita.nuctech.remarks", scan.remarks);
  return all;
}

Attribute verdict_attribute(const Verdict& verdict) {
  constexpr const char* words[] = {"", "clear", "suspect", "unable"};
  return attribute("org.garita.nuctech.verdict", words[verdict.verdict]);
}

// A row is a pair of pulses. The low one comes a pulse later, when the lorry has gone on by half a row: it
// shows what lies nearer to the end that is scanned last.
View view_of(const ScanBegin& scan) {
  const int64_t later_um =
      scan.travel == GARITA_ROW_ZERO_FRONT ? scan.pulse_pitch_um : -static_cast<int64_t>(scan.pulse_pitch_um);
  View view;
  view.columns = scan.columns;
  view.column_zero = scan.detector_zero;
  view.row_zero = scan.travel;
  view.source_side = scan.source_side;
  view.pitch_across_um = scan.pitch_across_um;
  view.pitch_along_um = 2 * scan.pulse_pitch_um;
  view.channels = {{GARITA_CHANNEL_HIGH, scan.high_kev, calibration_id(scan.calibration_id, 0), 0},
                   {GARITA_CHANNEL_LOW, scan.low_kev, calibration_id(scan.calibration_id, 1), later_um}};
  return view;
}

std::vector<garita::Calibration> calibrations_of(const Calibration& measured, const Time& time) {
  std::vector<garita::Calibration> events;
  for (uint32_t channel = 0; channel < 2; ++channel) {
    for (const uint32_t role : {GARITA_CALIBRATION_DARK, GARITA_CALIBRATION_AIR}) {
      const size_t which = channel * 2 + (role == GARITA_CALIBRATION_AIR ? 1 : 0);
      events.push_back(calibration(role, calibration_id(measured.id, channel), means_q8(measured, which),
                                   measured.averaged));
      events.back().channel = channel;
      events.back().time = time;
    }
  }
  return events;
}

Detection detection_of(const Host& host, const Finding& finding, const ScanBegin& scan, const Rows& rows) {
  Detection detection;
  detection.vendor_code = readable(host, finding.code);
  detection.label = readable(host, finding.label);
  if (finding.percent <= 100) detection.confidence = finding.percent / 100.0;
  const uint64_t first_row = rows.before_pulse(finding.x0), end_row = rows.touched_before(finding.x1);
  const uint32_t y0 = std::min<uint32_t>(finding.y0, scan.columns),
                 y1 = std::min<uint32_t>(finding.y1, scan.columns);
  if (first_row >= end_row || y0 >= y1) return detection;
  detection.view = 0;
  detection.first_row = first_row;
  detection.rows = end_row - first_row;
  detection.first_column = scan.detector_zero == GARITA_COLUMN_ZERO_TOP ? y0 : scan.columns - y1;
  detection.columns = y1 - y0;
  return detection;
}

}  // namespace garita::nuctech
