// Verbs for the tests of this family: what a portal sends, and the driver as a host has it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "core/load/in_process.hpp"
#include "core/load/testing/memory_services.hpp"
#include "drivers/nuctech/wire.hpp"
#include "garita/event.h"
#include "garita/ext/stored.h"
#include "garita/scan.h"
#include "garita/view.h"

namespace garita::nuctech {

inline constexpr uint64_t far = UINT64_MAX / 4;
inline constexpr uint16_t columns = 3;
inline constexpr uint32_t pulses_a_block = 4, pulses_a_scan = 12;

inline Text plain(std::string text) { return {Charset::utf8, std::move(text)}; }

// A count that tells its pulse and its detector.
constexpr uint16_t count_of(uint32_t pulse, uint32_t column) {
  return static_cast<uint16_t>(pulse * 100 + column);
}

// What a portal sends, as frames that tests leave out, repeat, damage and put in another order.
class Wire {
 public:
  void greeting() {
    Greeting greeting;
    greeting.zone_min = 480;
    greeting.clock_ms = 1'700'028'800'000;
    greeting.vendor = plain("Garita"), greeting.model = plain("CP-7/4"), greeting.serial = plain("S1");
    greeting.firmware = plain("f"), greeting.station = {Charset::gb18030, "\xD2\xBB\xBA\xC5"};
    add(greeting);
  }
  void calibration(uint32_t id = 3) {
    Calibration measured;
    measured.id = id;
    measured.clock_ms = 1'700'028'000'000;
    measured.columns = columns;
    measured.averaged = 10;
    for (uint32_t i = 0; i < columns * 4u; ++i) measured.sums.push_back(1000 * (i + 1));
    add(measured);
  }
  static ScanBegin begin_of(const std::string& key) {
    ScanBegin scan;
    scan.key = plain(key);
    scan.clock_ms = 1'700'028'801'000;
    scan.calibration_id = 3;
    scan.columns = columns;
    scan.high_kev = 7500, scan.low_kev = 4000;
    scan.pitch_across_um = 5600, scan.pulse_pitch_um = 3000;
    scan.plate = plain("7ABC123"), scan.container = plain("CSQU3054383");
    scan.operator_name = {Charset::gb18030, "\xCD\xF5"};
    scan.direction = 1;
    return scan;
  }
  void begin(const std::string& key) { add(begin_of(key)); }
  void block(uint32_t first_pulse, uint32_t shown_pulse) {
    std::vector<uint16_t> raw;
    for (uint32_t column = 0; column < columns; ++column)
      for (uint32_t pulse = 0; pulse < pulses_a_block; ++pulse)
        raw.push_back(count_of(shown_pulse + pulse, column));
    Block block;
    block.first_pulse = first_pulse;
    block.pulses = pulses_a_block;
    block.clock_ms = 1'700'028'801'000 + first_pulse;
    block.pulse_us = 1000;
    block.dose_q15.assign(pulses_a_block, 32768);
    block.raw = std::as_bytes(std::span(raw));
    add(block);
  }
  void block(uint32_t first_pulse) { block(first_pulse, first_pulse); }
  void verdict() {
    Verdict verdict{2, {}};
    verdict.findings.push_back({plain("NT-GUN-01"), plain("?"), 3, 6, 0, 1, 80});
    add(verdict);
  }
  void end(uint32_t pulses = pulses_a_scan, uint8_t outcome = GARITA_SCAN_COMPLETE) {
    add(ScanEnd{outcome, pulses, 1'700'028'802'000, plain("r")});
  }
  void scan(const std::string& key) {
    calibration();
    begin(key);
    for (uint32_t first = 0; first < pulses_a_scan; first += pulses_a_block) block(first);
    verdict();
    end();
  }
  void add(const Message& message) {
    std::vector<std::byte> bytes;
    encode(writer_, message, bytes);
    frames.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  std::string bytes() const {
    std::string all;
    for (const std::string& frame : frames) all += frame;
    return all;
  }

  std::vector<std::string> frames;

 private:
  FrameWriter writer_;
};

// A scan as the host received it.
struct Scan {
  image::ScanBegin begin;
  std::vector<uint16_t> samples[2];  // of each energy, row by row
  std::vector<uint64_t> line_index[2];
  std::vector<int64_t> utc_ns[2];
  std::vector<uint32_t> dose[2];
  std::vector<image::Detection> detections;
  std::vector<image::Attribute> attributes;
  image::ScanEnd end;
  bool ended = false;

  bool complete() const { return ended && end.outcome == GARITA_SCAN_COMPLETE; }
  bool is_whole() const {
    std::vector<uint16_t> wanted[2];
    for (uint32_t pulse = 0; pulse < pulses_a_scan; ++pulse)
      for (uint32_t column = 0; column < columns; ++column)
        wanted[pulse % 2].push_back(count_of(pulse, column));
    return samples[0] == wanted[0] && samples[1] == wanted[1];
  }
};

class Driver : public ::testing::Test {
 protected:
  void SetUp() override { load_driver(GARITA_DRIVER_DIR "/nuctech/nuctech.garita.json"); }

  void load_driver(const std::string& path) {
    const auto manifest = load::read_manifest(path);
    ASSERT_TRUE(manifest) << base::render(manifest.error(), base::Language::en);
    library = load::Library::load(*manifest).value();
  }

  // A new connection that carries these bytes and then ends, or waits for more.
  void connect(const std::string& bytes, bool ends = true) {
    session.reset();
    services = std::make_unique<load::testing::MemoryServices>();
    services->streams["portal"].bytes = bytes;
    services->streams["portal"].ends = ends;
    services->configuration["silence_ms"] = {GARITA_VALUE_I64, silence_ms, 0, ""};
    auto opened = load::open_in_process(library, *services, "", "lane 1", far);
    ASSERT_TRUE(opened) << base::render(opened.error(), base::Language::en);
    session = std::move(*opened);
    scans.clear(), statuses.clear(), attributes.clear(), calibrations.clear(), health.clear();
  }

  // Until END, a status of the device class or above, or `stop` says so.
  void pump(
      const std::function<bool()>& stop = [] { return false; }, uint64_t deadline_ns = far) {
    for (int i = 0; i < 10000 && !stop(); ++i) {
      load::Next next = session->next(deadline_ns);
      if (next.status == GARITA_OK)
        take(next.event);
      else
        statuses.push_back(next.status);
      if (next.status == GARITA_END || (next.status >= 100 && next.status < 400)) return;
    }
  }
  void run(const std::string& bytes) {
    connect(bytes);
    pump();
  }
  void run(const Wire& wire) { run(wire.bytes()); }

  void take(image::Event& event) {
    if (auto* begin = std::get_if<image::ScanBegin>(&event)) scans.emplace_back().begin = *begin;
    if (auto* strip = std::get_if<image::Strip>(&event)) append(*strip);
    if (auto* found = std::get_if<image::Detection>(&event)) scans.back().detections.push_back(*found);
    if (auto* end = std::get_if<image::ScanEnd>(&event)) scans.back().end = *end, scans.back().ended = true;
    if (auto* more = std::get_if<image::Attributes>(&event))
      (scans.empty() || scans.back().ended ? attributes : scans.back().attributes) = more->attributes;
    if (auto* calibration = std::get_if<image::Calibration>(&event)) calibrations.push_back(*calibration);
    if (auto* state = std::get_if<image::Health>(&event)) health.push_back(*state);
  }
  void append(const image::Strip& strip) {
    Scan& scan = scans.back();
    const auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    add(scan.line_index[strip.channel], strip.line_index);
    add(scan.utc_ns[strip.channel], strip.time_utc_ns);
    add(scan.dose[strip.channel], strip.dose_q16);
    for (uint32_t row = 0; row < strip.rows; ++row) {
      std::vector<uint16_t> samples(columns);
      std::memcpy(samples.data(), strip.memory.get() + row * strip.row_stride_bytes, columns * 2);
      add(scan.samples[strip.channel], samples);
    }
  }

  // Messages that the driver wrote.
  std::vector<Message> written() const {
    std::vector<Message> all;
    const std::string& text = services->streams["portal"].written;
    for (auto bytes = std::as_bytes(std::span(text)); !bytes.empty();) {
      const Cut cut = cut_frame(bytes);
      if (cut.kind != Cut::Kind::frame) break;
      all.push_back(decode(cut.frame).message);
      bytes = bytes.subspan(cut.size_bytes);
    }
    return all;
  }
  template <typename M>
  size_t count_written() const {
    const auto all = written();
    return static_cast<size_t>(
        std::count_if(all.begin(), all.end(), [](const Message& m) { return std::holds_alternative<M>(m); }));
  }

  bool saw(garita_status status) const {
    return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
  }
  static const image::Attribute* find(const std::vector<image::Attribute>& all, std::string_view key) {
    for (const image::Attribute& attribute : all)
      if (attribute.key == key) return &attribute;
    return nullptr;
  }
  static std::string value_of(const std::vector<image::Attribute>& all, std::string_view key) {
    const image::Attribute* found = find(all, key);
    return found == nullptr ? "-" : found->value.text;
  }

  int64_t silence_ms = 600000;
  std::shared_ptr<const load::Library> library;
  std::unique_ptr<load::testing::MemoryServices> services;
  std::unique_ptr<load::Session> session;
  std::vector<Scan> scans;
  std::vector<garita_status> statuses;
  std::vector<image::Attribute> attributes;
  std::vector<image::Calibration> calibrations;
  std::vector<image::Health> health;
};

}  // namespace garita::nuctech
