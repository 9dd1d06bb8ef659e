// The portal's driver, loaded as a host loads it, against bytes as a portal sends them: whole, damaged, cut,
// disordered.
//
// Whatever happens on the wire: a scan that ends COMPLETE has exactly the pixels that were sent, and the scan
// after the damage is whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "core/base/text.hpp"
#include "core/load/in_process.hpp"
#include "core/load/testing/memory_services.hpp"
#include "drivers/portal/wire.hpp"
#include "garita/ext/stored.h"

namespace garita::sim {
namespace {

using load::Session;
constexpr uint64_t far = UINT64_MAX / 4;
constexpr uint32_t columns = 4;

std::vector<uint16_t> samples_of(uint32_t line) {
  std::vector<uint16_t> samples(2 * columns);
  for (uint32_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<uint16_t>(line * 100 + i);
  return samples;
}

// What a portal sends, as frames that tests leave out, repeat, damage and put in another order.
class Wire {
 public:
  using Frames = std::vector<std::string>;

  void hello() { add(portal::Hello{.vendor = "Garita", .model = "SP-6/4", .serial = "S1", .firmware = "f"}); }
  void begin(const std::string& key) {
    portal::ScanBegin scan;
    scan.key = key;
    scan.calibration_id = 3;
    scan.columns = columns;
    scan.energy_kev = {6000, 4000};
    scan.pitch_along_um = 5000;
    scan.facts = {{4, "CSQU3054383"}, {1, "7ABC123"}};
    add(scan);
  }
  void calibration() {
    portal::Calibration calibration{.id = 3, .columns = columns, .averaged = 64, .dark = {}, .air = {}};
    calibration.dark = {{1, 2, 3, 4}, {5, 6, 7, 8}};
    calibration.air = {{1000001, 2, 3, 4}, {5, 6, 7, 8}};
    add(calibration);
  }
  void line(uint32_t number, uint32_t index) {
    const auto samples = samples_of(number);
    add(portal::Line{index, 65536, 1000 + number, number * 5000, std::as_bytes(std::span(samples))});
  }
  void end(uint32_t lines, uint8_t outcome = GARITA_SCAN_COMPLETE) {
    add(portal::ScanEnd{outcome, lines, 99, "r"});
  }
  void add(const portal::Message& message) {
    std::vector<std::byte> bytes;
    portal::encode(writer_, message, bytes);
    frames.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  void scan(const std::string& key, uint32_t lines = 6, uint32_t first_index = 0) {
    calibration();
    begin(key);
    for (uint32_t i = 0; i < lines; ++i) line(i, first_index + i);
    end(lines);
  }

  std::string bytes() const {
    std::string all;
    for (const std::string& frame : frames) all += frame;
    return all;
  }

  Frames frames;

 private:
  portal::FrameWriter writer_;
};

// A scan as the host received it.
struct Scan {
  image::ScanBegin begin;
  std::vector<uint64_t> line_index;
  std::vector<uint16_t> high;
  image::ScanEnd end;
  bool ended = false;

  bool complete() const { return ended && end.outcome == GARITA_SCAN_COMPLETE; }
  bool has_the_pixels_of(uint32_t lines) const {
    std::vector<uint16_t> wanted;
    for (uint32_t i = 0; i < lines; ++i) {
      const auto samples = samples_of(i);
      wanted.insert(wanted.end(), samples.begin(), samples.begin() + columns);
    }
    return high == wanted;
  }
};

class PortalDriver : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto manifest = load::read_manifest(GARITA_DRIVER_DIR "/portal/portal.garita.json");
    ASSERT_TRUE(manifest) << base::render(manifest.error(), base::Language::en);
    library = load::Library::load(*manifest).value();
  }

  // A new connection that carries these bytes and then ends, or waits for more.
  void connect(const std::string& bytes, bool ends = true) {
    session.reset();
    services = std::make_unique<load::testing::MemoryServices>();
    services->streams["scanner"].bytes = bytes;
    services->streams["scanner"].ends = ends;
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

  void take(image::Event& event) {
    if (auto* begin = std::get_if<image::ScanBegin>(&event)) scans.push_back({*begin, {}, {}, {}, false});
    if (auto* strip = std::get_if<image::Strip>(&event); strip != nullptr && strip->channel == 0)
      append(*strip);
    if (auto* end = std::get_if<image::ScanEnd>(&event)) scans.back().end = *end, scans.back().ended = true;
    if (auto* standing = std::get_if<image::Attributes>(&event)) attributes = standing->attributes;
    if (auto* calibration = std::get_if<image::Calibration>(&event)) calibrations.push_back(*calibration);
    if (auto* state = std::get_if<image::Health>(&event)) health.push_back(*state);
  }
  void append(const image::Strip& strip) {
    Scan& scan = scans.back();
    scan.line_index.insert(scan.line_index.end(), strip.line_index.begin(), strip.line_index.end());
    for (uint32_t row = 0; row < strip.rows; ++row) {
      std::vector<uint16_t> samples(columns);
      std::memcpy(samples.data(), strip.memory.get() + row * strip.row_stride_bytes, columns * 2);
      scan.high.insert(scan.high.end(), samples.begin(), samples.end());
    }
  }

  bool saw(garita_status status) const {
    return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
  }
  static std::string value_of(const std::vector<image::Attribute>& all, std::string_view key) {
    for (const image::Attribute& attribute : all)
      if (attribute.key == key) return attribute.value.text;
    return "-";
  }

  int64_t silence_ms = 600000;
  std::shared_ptr<const load::Library> library;
  std::unique_ptr<load::testing::MemoryServices> services;
  std::unique_ptr<Session> session;
  std::vector<Scan> scans;
  std::vector<garita_status> statuses;
  std::vector<image::Attribute> attributes;
  std::vector<image::Calibration> calibrations;
  std::vector<image::Health> health;
};

TEST_F(PortalDriver, a_whole_scan_arrives_with_its_pixels_and_its_facts) {
  Wire wire;
  wire.hello();
  wire.scan("k1");
  run(wire.bytes());
  ASSERT_EQ(scans.size(), 1u);
  EXPECT_TRUE(scans[0].complete());
  EXPECT_TRUE(scans[0].has_the_pixels_of(6));
  EXPECT_EQ(value_of(attributes, "device.serial"), "S1");
  EXPECT_EQ(value_of(scans[0].begin.attributes, "conveyance.containers[0].number"), "CSQU3054383");
  EXPECT_EQ(value_of(scans[0].begin.attributes, "conveyance.plates[0].number"), "7ABC123");
  EXPECT_EQ(statuses, (std::vector<garita_status>{GARITA_END}));
}

TEST_F(PortalDriver, both_channels_name_calibrations_that_came_before_the_scan) {
  Wire wire;
  wire.hello();
  wire.scan("k1");
  run(wire.bytes());
  ASSERT_EQ(calibrations.size(), 4u);
  const auto& channels = scans.at(0).begin.views.at(0).channels;
  ASSERT_EQ(channels.size(), 2u);
  EXPECT_EQ(channels[0].calibration_id, calibrations[0].id);
  EXPECT_EQ(channels[1].calibration_id, calibrations[2].id);
  EXPECT_NE(calibrations[0].id, calibrations[2].id);
  EXPECT_EQ(calibrations[1].role, GARITA_CALIBRATION_AIR);
  uint32_t first = 0;
  std::memcpy(&first, calibrations[1].memory.get(), 4);
  EXPECT_EQ(first, 1000001u);
}

TEST_F(PortalDriver, the_host_starts_the_portal_and_acknowledges_what_it_stored) {
  Wire wire;
  wire.hello();
  wire.scan("k1");
  connect(wire.bytes(), false);
  pump([&] { return !scans.empty() && scans[0].ended; });
  EXPECT_EQ(session->stored("k1", GARITA_STORED_DURABLE, far), GARITA_OK);
  const std::string& written = services->streams["scanner"].written;
  const auto bytes = std::as_bytes(std::span(written));
  const portal::Cut start = portal::cut_frame(bytes),
                    acknowledge = portal::cut_frame(bytes.subspan(start.size_bytes));
  EXPECT_TRUE(std::holds_alternative<portal::Start>(portal::decode(start.frame).message));
  EXPECT_EQ(std::get<portal::Acknowledge>(portal::decode(acknowledge.frame).message).key, "k1");
}

TEST_F(PortalDriver, a_line_count_that_wraps_goes_on_and_gaps_stay) {
  Wire wire;
  wire.hello();
  wire.begin("k1");
  wire.line(0, 0xFFFFFFFF), wire.line(1, 0), wire.line(2, 7);
  wire.end(3);
  run(wire.bytes());
  EXPECT_EQ(scans.at(0).line_index, (std::vector<uint64_t>{0xFFFFFFFF, 0x100000000, 0x100000007}));
  EXPECT_TRUE(scans[0].complete());
}

TEST_F(PortalDriver, any_flipped_byte_costs_at_most_its_own_scan) {
  Wire wire;
  wire.hello();
  const size_t hello_bytes = wire.bytes().size();
  wire.scan("k1");
  const size_t first_bytes = wire.bytes().size();
  wire.scan("k2");
  const std::string good = wire.bytes();
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    run(bad);
    for (const Scan& scan : scans) {
      ASSERT_TRUE(scan.ended) << at;
      ASSERT_TRUE(!scan.complete() || scan.has_the_pixels_of(6)) << at;
    }
    for (const garita_status status : statuses)
      ASSERT_TRUE(status == GARITA_END || status == GARITA_DATA_CORRUPT || status == GARITA_PROTOCOL_ERROR ||
                  status == GARITA_DATA_TRUNCATED || status == GARITA_DEVICE_LOST)
          << at << " " << status;
    if (at >= hello_bytes && at < first_bytes) {
      ASSERT_TRUE(!scans.empty() && scans.back().begin.key == "k2" && scans.back().complete()) << at;
      const size_t complete = static_cast<size_t>(
          std::count_if(scans.begin(), scans.end(), [](const Scan& s) { return s.complete(); }));
      ASSERT_TRUE(complete == 1 || calibrations.size() < 8) << "damage at " << at << " left no trace";
    }
    ASSERT_TRUE(at < first_bytes || (!scans.empty() && scans.front().complete())) << at;
  }
}

TEST_F(PortalDriver, a_stream_cut_at_any_byte_never_gives_a_scan_that_reads_as_whole) {
  Wire wire;
  wire.hello();
  wire.scan("k1");
  const std::string good = wire.bytes();
  for (size_t size = 0; size < good.size(); ++size) {
    run(good.substr(0, size));
    for (const Scan& scan : scans) ASSERT_TRUE(scan.ended && !scan.complete()) << size;
    ASSERT_TRUE(saw(GARITA_END) || saw(GARITA_DEVICE_LOST)) << size;
    ASSERT_EQ(saw(GARITA_DEVICE_LOST), !scans.empty()) << size;
  }
}

TEST_F(PortalDriver, a_connection_that_drops_in_a_scan_ends_it_as_a_fault_with_the_good_lines_and_is_lost) {
  Wire wire;
  wire.hello();
  wire.begin("k1");
  wire.line(0, 0), wire.line(1, 1);
  run(wire.bytes());
  ASSERT_EQ(scans.size(), 1u);
  EXPECT_EQ(scans[0].end.outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans[0].end.code, GARITA_DEVICE_LOST);
  EXPECT_TRUE(scans[0].has_the_pixels_of(2));
  EXPECT_EQ(statuses, (std::vector<garita_status>{GARITA_DEVICE_LOST}));
}

TEST_F(PortalDriver, a_missing_line_makes_the_scan_a_fault_and_keeps_the_others) {
  Wire wire;
  wire.hello();
  wire.scan("k1");
  wire.scan("k2");
  wire.frames.erase(wire.frames.begin() + 5);  // hello, calibration, begin, line 0, line 1, line 2
  run(wire.bytes());
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[0].end.outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans[0].end.code, GARITA_DATA_CORRUPT);
  EXPECT_EQ(scans[0].line_index, (std::vector<uint64_t>{0, 1, 3, 4, 5}));
  EXPECT_TRUE(scans[1].complete());
}

TEST_F(PortalDriver, a_missing_begin_costs_its_scan_and_is_said_once) {
  Wire wire;
  wire.hello();
  wire.scan("k1");
  wire.scan("k2");
  wire.frames.erase(wire.frames.begin() + 2);
  run(wire.bytes());
  ASSERT_EQ(scans.size(), 1u);
  EXPECT_EQ(scans[0].begin.key, "k2");
  EXPECT_TRUE(scans[0].complete());
  EXPECT_EQ(statuses, (std::vector<garita_status>{GARITA_DATA_CORRUPT, GARITA_END}));
}

TEST_F(PortalDriver, a_missing_end_makes_the_scan_a_fault_and_the_next_is_whole) {
  Wire wire;
  wire.hello();
  wire.scan("k1");
  const auto end_of_first = static_cast<std::ptrdiff_t>(wire.frames.size()) - 1;
  wire.begin("k2");
  wire.line(0, 9);
  wire.end(1);
  wire.frames.erase(wire.frames.begin() + end_of_first);
  run(wire.bytes());
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[0].end.outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans[0].end.code, GARITA_DATA_TRUNCATED);
  EXPECT_TRUE(scans[1].complete());
}

TEST_F(PortalDriver, a_portal_that_counts_other_lines_than_came_makes_the_scan_a_fault) {
  Wire wire;
  wire.hello();
  wire.begin("k1");
  wire.line(0, 0);
  wire.end(2);
  run(wire.bytes());
  EXPECT_EQ(scans.at(0).end.outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans[0].end.code, GARITA_DATA_CORRUPT);
}

TEST_F(PortalDriver, a_line_that_comes_twice_is_left_out_and_said) {
  Wire wire;
  wire.hello();
  wire.begin("k1");
  wire.line(0, 5), wire.line(1, 5), wire.line(1, 6);
  wire.end(3);
  run(wire.bytes());
  EXPECT_EQ(scans.at(0).line_index, (std::vector<uint64_t>{5, 6}));
  EXPECT_EQ(scans[0].end.outcome, GARITA_SCAN_FAULT);
}

TEST_F(PortalDriver, messages_in_the_wrong_order_are_protocol_errors) {
  const auto status_of = [&](const std::function<void(Wire&)>& write) {
    Wire wire;
    write(wire);
    run(wire.bytes());
    return statuses.empty() ? GARITA_OK : statuses.back();
  };
  EXPECT_EQ(status_of([](Wire& w) { w.begin("k"); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](Wire& w) { w.hello(), w.line(0, 0); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](Wire& w) { w.hello(), w.end(0); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](Wire& w) { w.hello(), w.hello(); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](Wire& w) { w.hello(), w.add(portal::Start{}); }), GARITA_PROTOCOL_ERROR);
}

TEST_F(PortalDriver, a_line_of_another_width_ends_the_scan_as_a_fault_and_is_a_protocol_error) {
  Wire wire;
  wire.hello();
  wire.begin("k1");
  const std::vector<uint16_t> samples(3);
  wire.add(portal::Line{0, 0, 0, 0, std::as_bytes(std::span(samples))});
  run(wire.bytes());
  EXPECT_EQ(scans.at(0).end.outcome, GARITA_SCAN_FAULT);
  EXPECT_TRUE(saw(GARITA_PROTOCOL_ERROR));
}

TEST_F(PortalDriver, what_the_portal_aborts_is_aborted_and_what_it_calls_a_fault_is_one) {
  Wire wire;
  wire.hello();
  wire.begin("k1"), wire.end(0, GARITA_SCAN_ABORTED);
  wire.begin("k2"), wire.end(0, GARITA_SCAN_FAULT);
  run(wire.bytes());
  EXPECT_EQ(scans.at(0).end.outcome, GARITA_SCAN_ABORTED);
  EXPECT_EQ(scans.at(1).end.outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans.at(1).end.code, GARITA_DEVICE_FAULT);
}

TEST_F(PortalDriver, cancel_aborts_the_scan_skips_its_rest_and_takes_the_next) {
  Wire wire;
  wire.hello();
  wire.begin("k1");
  wire.line(0, 0);
  connect(wire.bytes(), false);
  pump([&] { return !scans.empty(); });
  session->cancel();
  pump([&] { return scans[0].ended; });
  EXPECT_TRUE(saw(GARITA_CANCELLED));
  EXPECT_EQ(scans[0].end.outcome, GARITA_SCAN_ABORTED);
  Wire rest = wire;
  rest.frames.clear();
  rest.line(1, 1);
  rest.end(2);
  rest.scan("k2");
  services->push("scanner", rest.bytes());
  pump([&] { return scans.size() == 2 && scans[1].ended; });
  EXPECT_TRUE(scans.at(1).complete());
  EXPECT_TRUE(scans[1].has_the_pixels_of(6));
}

TEST_F(PortalDriver, health_comes_through_and_a_heartbeat_brings_the_clock) {
  Wire wire;
  wire.hello();
  wire.add(portal::Health{GARITA_HEALTH_INTERLOCK_OPEN, 7, 1000, "door 2 is open"});
  wire.add(portal::Heartbeat{2000});
  run(wire.bytes());
  ASSERT_EQ(health.size(), 2u);
  EXPECT_EQ(health[0].state, GARITA_HEALTH_INTERLOCK_OPEN);
  EXPECT_EQ(health[0].message, "door 2 is open");
  EXPECT_EQ(health[1].state, GARITA_HEALTH_INTERLOCK_OPEN);
  EXPECT_EQ(health[1].device_time.utc_ns, 2000);
}

TEST_F(PortalDriver, a_portal_that_falls_silent_is_lost) {
  silence_ms = 1;
  Wire wire;
  wire.hello();
  connect(wire.bytes(), false);
  for (int i = 0; i < 100 && !saw(GARITA_DEVICE_LOST); ++i)
    pump([n = 0]() mutable { return n++ == 1; }, services->now_ns() + 5'000'000);
  EXPECT_TRUE(saw(GARITA_DEVICE_LOST));
}

TEST_F(PortalDriver, all_strips_are_given_back_when_the_session_ends) {
  Wire wire;
  wire.hello();
  wire.begin("k1");
  wire.line(0, 0);
  run(wire.bytes());
  session.reset();
  scans.clear(), calibrations.clear();
  EXPECT_EQ(services->strips_alive(), 0);
}

}  // namespace
}  // namespace garita::sim
