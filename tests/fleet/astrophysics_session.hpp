// A recorded conversation of the simulated cabinet, message by message, with what was told of each bag; and
// the driver as a host loads it, fed with such bytes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>

#include "core/base/text.hpp"
#include "core/load/in_process.hpp"
#include "core/load/testing/memory_services.hpp"
#include "garita/scan.h"
#include "tools/garita-sim/astrophysics/tale.hpp"

namespace garita::fleet {

namespace wire = astrophysics;

// What a cabinet sends, as frames that tests leave out, repeat, damage and put in another order.
class Conversation {
 public:
  // Of one view: the samples of every line that came for the first time, high energy.
  using Pixels = std::vector<uint16_t>;
  struct ToldBag {
    std::string key;
    std::vector<Pixels> views;
    bool went_back = false;
  };

  Conversation() { add(model.identity); }

  void bag(uint64_t number) {
    sim::BagPass pass(model, "bag", 5, number);
    add(wire::Clock{1000, clock_offset_us});
    bags.push_back({"SC-" + std::to_string(number), std::vector<Pixels>(model.views.size()), false});
    std::map<std::pair<uint8_t, uint32_t>, bool> seen;
    sim::tell_bag(model, pass, bags.back().key, 1'700'000'000'000'000, belt,
                  [&](const wire::Message& message) {
                    if (const auto* line = std::get_if<wire::Line>(&message))
                      if (!std::exchange(seen[{line->view, line->line}], true)) keep(*line);
                    if (std::holds_alternative<wire::Belt>(message)) bags.back().went_back = true;
                    add(message);
                    return true;
                  });
  }

  void add(const wire::Message& message) {
    std::vector<std::byte> bytes;
    encode(writer_, message, bytes);
    frames.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  std::string bytes() const {
    std::string all;
    for (const std::string& frame : frames) all += frame;
    return all;
  }

  static constexpr int64_t clock_offset_us = -73'000'000;
  const sim::Model model = sim::tiny_model();
  sim::BeltCount belt{0xFFFFFFFFu - 5};
  std::vector<std::string> frames;
  std::vector<ToldBag> bags;

 private:
  void keep(const wire::Line& line) {
    Pixels row(model.views[line.view].form.columns);
    wire::unpack(line.samples, 0, row);
    Pixels& all = bags.back().views[line.view];
    all.insert(all.end(), row.begin(), row.end());
  }

  wire::FrameWriter writer_;
};

// A scan as the host received it.
struct HostScan {
  image::ScanBegin begin;
  std::map<uint32_t, std::vector<uint16_t>> high;  // by view
  std::map<uint32_t, std::vector<int64_t>> times;
  std::vector<image::Detection> detections;
  std::vector<image::Attribute> attributes;
  image::ScanEnd end;
  bool ended = false;

  bool complete() const { return ended && end.outcome == GARITA_SCAN_COMPLETE; }
  bool is(const Conversation::ToldBag& told) const {
    for (uint32_t view = 0; view < told.views.size(); ++view)
      if (!high.contains(view) || high.at(view) != told.views[view]) return false;
    return begin.key == told.key;
  }
};

class CabinetDriver : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto manifest = load::read_manifest(GARITA_DRIVER_DIR "/astrophysics/astrophysics.garita.json");
    ASSERT_TRUE(manifest) << base::render(manifest.error(), base::Language::en);
    library = load::Library::load(*manifest).value();
  }

  // A new connection that carries these bytes and then ends; all it brings.
  void run(const std::string& bytes) {
    scans.clear(), statuses.clear(), standing.clear();
    more(bytes);
  }
  void more(const std::string& bytes) {
    session.reset();
    services = std::make_unique<load::testing::MemoryServices>();
    services->streams["scanner"].bytes = bytes;
    services->granted.max_strip_bytes = 4096;  // strips are cleared: thousands of runs need small ones
    services->configuration["silence_ms"] = {GARITA_VALUE_I64, 600000, 0, ""};
    auto opened = load::open_in_process(library, *services, "", "lane 1", far);
    ASSERT_TRUE(opened) << base::render(opened.error(), base::Language::en);
    session = std::move(*opened);
    for (int i = 0; i < 100000; ++i) {
      load::Next next = session->next(far);
      if (next.status == GARITA_OK)
        take(next.event);
      else
        statuses.push_back(next.status);
      if (next.status == GARITA_END || (next.status >= 100 && next.status < 400)) return;
    }
  }

  void take(image::Event& event) {
    if (auto* begin = std::get_if<image::ScanBegin>(&event))
      scans.push_back({*begin, {}, {}, {}, {}, {}, false});
    if (auto* strip = std::get_if<image::Strip>(&event)) append(*strip);
    if (auto* found = std::get_if<image::Detection>(&event)) scans.back().detections.push_back(*found);
    if (auto* end = std::get_if<image::ScanEnd>(&event)) scans.back().end = *end, scans.back().ended = true;
    auto* attributes = std::get_if<image::Attributes>(&event);
    const bool in_scan = !scans.empty() && !scans.back().ended;
    if (attributes != nullptr) (in_scan ? scans.back().attributes : standing) = attributes->attributes;
  }

  void append(const image::Strip& strip) {
    HostScan& scan = scans.back();
    if (strip.view >= wire::max_views || strip.channel != 0) return;
    auto& times = scan.times[strip.view];
    times.insert(times.end(), strip.time_utc_ns.begin(), strip.time_utc_ns.end());
    const uint32_t columns = scan.begin.views[strip.view].columns;
    for (uint32_t row = 0; row < strip.rows; ++row) {
      std::vector<uint16_t> samples(columns);
      std::memcpy(samples.data(), strip.memory.get() + row * strip.row_stride_bytes,
                  columns * sizeof(uint16_t));
      auto& high = scan.high[strip.view];
      high.insert(high.end(), samples.begin(), samples.end());
    }
  }

  // Nothing that is complete is anything but a bag that was told; every scan has an end; every status is one
  // that a broken conversation may have.
  void expect_no_wrong_record(const Conversation& told, size_t at) const {
    for (const HostScan& scan : scans) {
      ASSERT_TRUE(scan.ended) << at;
      if (!scan.complete()) continue;
      ASSERT_TRUE(
          std::any_of(told.bags.begin(), told.bags.end(), [&](const auto& bag) { return scan.is(bag); }))
          << at << " " << scan.begin.key;
    }
    for (const garita_status status : statuses)
      ASSERT_TRUE(status == GARITA_END || status == GARITA_DATA_CORRUPT || status == GARITA_PROTOCOL_ERROR ||
                  status == GARITA_DATA_TRUNCATED || status == GARITA_DEVICE_LOST)
          << at << " " << status;
  }

  bool last_is(const Conversation::ToldBag& bag) const {
    return !scans.empty() && scans.back().complete() && scans.back().is(bag);
  }
  static std::string value_of(const std::vector<image::Attribute>& all, std::string_view key) {
    for (const image::Attribute& attribute : all)
      if (attribute.key == key) return attribute.value.text;
    return "-";
  }

  static constexpr uint64_t far = UINT64_MAX / 4;
  std::shared_ptr<const load::Library> library;
  std::unique_ptr<load::testing::MemoryServices> services;
  std::unique_ptr<load::Session> session;
  std::vector<HostScan> scans;
  std::vector<garita_status> statuses;
  std::vector<image::Attribute> standing;
};

}  // namespace garita::fleet
