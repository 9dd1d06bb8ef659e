// The driver through its ABI: a live panel in memory, and an inbox of daily files.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/base/text.hpp"
#include "core/load/in_process.hpp"
#include "core/load/library.hpp"
#include "core/load/manifest.hpp"
#include "core/load/testing/memory_services.hpp"

namespace garita::vm250 {
namespace {

const std::string setup = "SG1,000450,000068,05,10,07.0,P\r\nSG2,1111,0.069,0.455,01,1010,A\r\n";
const std::string background = "GB,000250,000250,000250,000250\r\nNB,000002,000002,000002,000002\r\n";

std::string repeated(int times, const std::string& line) {
  std::string text;
  while (times-- > 0) text += line + "\r\n";
  return text;
}

std::string quiet(int intervals = 10) { return repeated(intervals, "GS,000050,000050,000050,000050"); }
std::string end(const std::string& number = "000017") { return "GX," + number + ",002000,000000,000000\r\n"; }

struct Seen {
  image::ScanBegin begin;
  std::vector<image::Reading> readings;
  std::vector<image::Detection> detections;
  std::optional<image::ScanEnd> end;
};

class Vm250 : public testing::Test {
 protected:
  Vm250() { services_.configuration["utc_offset_min"] = {}; }

  void live(const std::string& lines) { services_.streams["panel"].bytes = lines; }
  void day(const std::string& name, const std::string& lines) {
    services_.streams["days"].kind = GARITA_STREAM_OBJECTS;
    services_.objects.push_back({name, lines, {}, false, 0, {}});
  }

  std::unique_ptr<load::Session> open() {
    const auto manifest = load::read_manifest(GARITA_DRIVER_DIR "/vm250/vm250.garita.json");
    EXPECT_TRUE(manifest.ok());
    const auto library = load::Library::load(*manifest);
    EXPECT_TRUE(library.ok());
    auto session = load::open_in_process(*library, services_, "", "test", UINT64_MAX / 4);
    return session.ok() ? std::move(*session) : nullptr;
  }

  // Until END. Whatever else than events and flow comes fails the test.
  void run() {
    const auto session = open();
    ASSERT_TRUE(session);
    for (int calls = 0; calls < 200000; ++calls) {
      load::Next next = session->next(services_.now_ns() + 1'000'000'000);
      if (next.status == GARITA_END) return;
      ASSERT_LT(next.status, 100u) << base::render(next.error, base::Language::en);
      if (next.status == GARITA_OK) take(next.event);
    }
    FAIL() << "the driver does not come to an end";
  }

  void take(const image::Event& event) {
    if (const auto* begin = std::get_if<image::ScanBegin>(&event)) scans_.push_back({*begin, {}, {}, {}});
    const bool in_scan = !scans_.empty() && !scans_.back().end;
    if (const auto* reading = std::get_if<image::Reading>(&event))
      (in_scan ? scans_.back().readings : background_).push_back(*reading);
    if (const auto* found = std::get_if<image::Detection>(&event)) scans_.back().detections.push_back(*found);
    if (const auto* health = std::get_if<image::Health>(&event)) health_.push_back(*health);
    if (const auto* ended = std::get_if<image::ScanEnd>(&event)) scans_.back().end = *ended;
  }

  const image::Value* attribute(const Seen& scan, std::string_view key) {
    for (const image::Attribute& each : scan.begin.attributes)
      if (each.key == key) return &each.value;
    return nullptr;
  }

  load::testing::MemoryServices services_;
  std::vector<Seen> scans_;
  std::vector<image::Reading> background_;
  std::vector<image::Health> health_;
};

TEST_F(Vm250, an_occupancy_is_one_scan_of_series_without_views) {
  live(setup + background + quiet() + "NS,000003,000000,000001,000000\r\n" + end());
  run();
  ASSERT_EQ(scans_.size(), 1u);
  EXPECT_TRUE(scans_[0].begin.views.empty());
  EXPECT_EQ(scans_[0].end->outcome, GARITA_SCAN_COMPLETE);
  ASSERT_EQ(scans_[0].readings.size(), 8u);
  EXPECT_EQ(scans_[0].readings[0].panel, "master_upper");
  EXPECT_EQ(scans_[0].readings[0].values, std::vector<double>(10, 50));
  EXPECT_EQ(scans_[0].readings[0].interval_ns, 200'000'000u);
  EXPECT_EQ(scans_[0].readings[4].values, std::vector<double>{3});
  EXPECT_EQ(scans_[0].readings[0].flags, GARITA_READING_OCCUPIED);
  EXPECT_TRUE(scans_[0].detections.empty());
}

TEST_F(Vm250, background_comes_outside_scans) {
  live(background);
  run();
  ASSERT_EQ(background_.size(), 8u);
  EXPECT_EQ(background_[0].flags, GARITA_READING_BACKGROUND);
  EXPECT_EQ(background_[7].panel, "secondary_upper");
  EXPECT_EQ(background_[7].values, std::vector<double>{2});
}

TEST_F(Vm250, the_panels_alarm_marks_its_series_and_is_a_detection) {
  live(background + quiet() + repeated(3, "GA,000250,000050,000050,000050") +
       "NA,000009,000000,000000,000000\r\n" + end());
  run();
  ASSERT_EQ(scans_.size(), 1u);
  for (const auto& reading : scans_[0].readings) EXPECT_TRUE(reading.flags & GARITA_READING_ALARM);
  ASSERT_EQ(scans_[0].detections.size(), 2u);
  EXPECT_EQ(scans_[0].detections[0].category, "radioactive");
  EXPECT_EQ(scans_[0].detections[0].vendor_code, "GA");
  EXPECT_EQ(scans_[0].detections[1].vendor_code, "NA");
}

TEST_F(Vm250, counts_beyond_the_published_formula_alarm_though_the_panel_is_silent) {
  live(setup + background + quiet() + repeated(5, "GS,000300,000050,000050,000050") + end());
  run();
  ASSERT_EQ(scans_.size(), 1u);
  ASSERT_EQ(scans_[0].detections.size(), 1u);
  EXPECT_EQ(scans_[0].detections[0].vendor_code, "sigma");
  EXPECT_NEAR(attribute(scans_[0], "org.garita.vm250.gamma_sigmas")->real, 1250 / std::sqrt(500.0), 1e-6);
  EXPECT_EQ(attribute(scans_[0], "org.garita.vm250.gamma_group")->text, "master");
}

TEST_F(Vm250, speed_number_and_duration_are_in_the_record) {
  live(quiet() + "SP,0.2249,03.032,004.88,000000\r\n" + end("000123"));
  run();
  ASSERT_EQ(scans_.size(), 1u);
  EXPECT_NEAR(attribute(scans_[0], "conveyance.speed_mps")->real, 1.3553, 1e-3);
  EXPECT_EQ(attribute(scans_[0], "org.garita.vm250.occupancy")->integer, 123);
  EXPECT_EQ(attribute(scans_[0], "org.garita.vm250.duration_ms")->integer, 2000);
}

TEST_F(Vm250, a_short_gx_ends_its_occupancy_and_is_counted) {
  live(quiet() + "GX,000001\r\n" + quiet(5) + end());
  run();
  ASSERT_EQ(scans_.size(), 2u);
  EXPECT_EQ(scans_[0].end->outcome, GARITA_SCAN_COMPLETE);
  ASSERT_FALSE(health_.empty());
  EXPECT_EQ(health_[0].message,
            "1 line passed over; the last: wrong number of fields (GX with 1 field where 4 belong)");
}

TEST_F(Vm250, a_missing_gx_costs_the_word_complete_and_not_the_counts) {
  live(quiet(7) + background + quiet(5) + end());
  run();
  ASSERT_EQ(scans_.size(), 2u);
  EXPECT_EQ(scans_[0].end->outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans_[0].end->code, GARITA_DATA_TRUNCATED);
  EXPECT_EQ(scans_[0].readings[0].values.size(), 7u);
  EXPECT_EQ(scans_[1].end->outcome, GARITA_SCAN_COMPLETE);
}

TEST_F(Vm250, an_end_without_counts_is_an_occupancy_that_was_missed) {
  live(background + end());
  run();
  ASSERT_EQ(scans_.size(), 1u);
  EXPECT_EQ(scans_[0].end->outcome, GARITA_SCAN_FAULT);
  EXPECT_TRUE(scans_[0].readings.empty());
}

TEST_F(Vm250, damaged_lines_within_an_occupancy_leave_its_others) {
  live(quiet(3) + "\r\nGS,\"000050,000050\r\n\x01\x02\r\n" + std::string(5000, 'G') +
       "GX,000009,000000,000000,000000\r\n" + quiet(3) + end());
  run();
  ASSERT_EQ(scans_.size(), 1u);
  EXPECT_EQ(scans_[0].end->outcome, GARITA_SCAN_COMPLETE);
  EXPECT_EQ(scans_[0].readings[0].values.size(), 6u);
}

TEST_F(Vm250, garbage_is_told_rarely_however_much_there_is) {
  live(repeated(10000, "?"));
  run();
  EXPECT_EQ(health_.size(), 14u);  // at 1, 2, 4, … 8192
}

TEST_F(Vm250, tamper_and_faults_are_health_once_each) {
  live("TT,111111,111111,111111,111111\r\n" + repeated(3, "TT,111111,111111,111111,111111") +
       "TC,111111,111111,111111,111111\r\nGH,000900,000900,000900,000900\r\n" + background);
  run();
  std::vector<uint32_t> states;
  for (const auto& health : health_) states.push_back(health.state);
  EXPECT_EQ(states, (std::vector<uint32_t>{GARITA_HEALTH_FAULT, GARITA_HEALTH_READY, GARITA_HEALTH_FAULT,
                                           GARITA_HEALTH_READY}));
}

TEST_F(Vm250, a_session_cut_at_any_byte_never_ends_a_half_occupancy_as_complete) {
  const std::string whole = setup + background + quiet(4) + "NS,000000,000000,000000,000000\r\n" + end();
  for (size_t size = 0; size <= whole.size(); ++size) {
    services_.streams.clear();
    scans_.clear();
    live(whole.substr(0, size));
    run();
    ASSERT_LE(scans_.size(), 1u);
    for (const Seen& scan : scans_) {
      const bool is_whole = scan.readings.size() == 8 && scan.readings[0].values.size() == 4;
      EXPECT_EQ(scan.end->outcome == GARITA_SCAN_COMPLETE, size >= whole.find("GX,") + 2) << size;
      EXPECT_TRUE(is_whole || scan.end->outcome != GARITA_SCAN_COMPLETE) << size;
    }
  }
}

TEST_F(Vm250, flipped_bits_never_break_the_stream_and_the_next_occupancy_is_whole) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  const std::string first = setup + background + quiet(10) + end("000001");
  for (int round = 0; round < 150; ++round) {
    std::string damaged = first;
    for (int flip = 0; flip < 4; ++flip)
      damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    services_.streams.clear();
    scans_.clear();
    live(damaged + "\r\n" + background + quiet(6) + end("000002"));
    run();
    ASSERT_FALSE(scans_.empty()) << "seed " << seed;
    EXPECT_EQ(scans_.back().end->outcome, GARITA_SCAN_COMPLETE) << "seed " << seed << " round " << round;
    EXPECT_EQ(scans_.back().readings[0].values, std::vector<double>(6, 50)) << "seed " << seed;
  }
}

// Lines of the middle one of three occupancies, each bent one way: the others are whole, and what lost
// something never has more than came.
class Vm250Lines : public Vm250 {
 protected:
  static std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> lines;
    for (size_t from = 0, to; (to = text.find("\r\n", from)) != std::string::npos; from = to + 2)
      lines.push_back(text.substr(from, to + 2 - from));
    return lines;
  }
  static std::string joined(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines) all += line;
    return all;
  }

  // Of a session: setup, background and quiet(5) each time.
  void expect_others_whole(const std::vector<std::string>& middle, size_t at) {
    services_.streams.clear();
    scans_.clear();
    live(setup + background + quiet(5) + end("000001") + joined(middle) + background + quiet(5) + end("000003"));
    run();
    ASSERT_GE(scans_.size(), 2u) << at;
    for (const Seen* scan : {&scans_.front(), &scans_.back()}) {
      EXPECT_EQ(scan->end->outcome, GARITA_SCAN_COMPLETE) << at;
      EXPECT_EQ(scan->readings[0].values, std::vector<double>(5, 50)) << at;
    }
    for (const Seen& scan : scans_)
      for (const image::Reading& reading : scan.readings) EXPECT_LE(reading.values.size(), 6u) << at;
  }

  const std::vector<std::string> middle_ =
      split(background + quiet(5) + "NS,000001,000000,000000,000000\r\n" + end("000002"));
};

TEST_F(Vm250Lines, left_out_doubled_or_out_of_turn_cost_at_most_their_own_occupancy) {
  for (size_t at = 0; at < middle_.size(); ++at)
    for (const int what : {0, 1, 2}) {
      if (what == 2 && at + 1 == middle_.size()) continue;
      std::vector<std::string> bent = middle_;
      const auto here = bent.begin() + static_cast<ptrdiff_t>(at);
      if (what == 0) bent.erase(here);
      if (what == 1) bent.insert(here, middle_[at]);
      if (what == 2) std::iter_swap(here, here + 1);
      expect_others_whole(bent, 10 * at + static_cast<size_t>(what));
    }
}

TEST_F(Vm250Lines, of_a_wrong_length_cost_at_most_their_own_occupancy) {
  for (size_t at = 0; at < middle_.size(); ++at)
    for (const char* more : {"", "0", ",000000"}) {
      std::vector<std::string> bent = middle_;
      const size_t text = bent[at].size() - 2;
      bent[at] = bent[at].substr(0, *more ? text : text - 1) + more + "\r\n";
      expect_others_whole(bent, at);
    }
}

TEST_F(Vm250, a_connection_that_ends_at_any_line_ends_its_occupancy_and_the_next_one_is_whole) {
  const std::string whole = setup + background + quiet(4) + end("000001");
  for (size_t at = whole.find("\r\n") + 2; at < whole.size(); at = whole.find("\r\n", at) + 2) {
    scans_.clear();
    services_.streams.clear();
    live(whole.substr(0, at));
    run();
    for (const Seen& scan : scans_) EXPECT_EQ(scan.end->outcome, GARITA_SCAN_FAULT) << at;
    services_.streams.clear();
    live(setup + background + quiet(6) + end("000002"));
    run();
    ASSERT_FALSE(scans_.empty());
    EXPECT_EQ(scans_.back().end->outcome, GARITA_SCAN_COMPLETE) << at;
    EXPECT_EQ(scans_.back().readings[0].values, std::vector<double>(6, 50)) << at;
  }
}

std::string stamped(std::string lines, const std::string& stamp) {
  std::string out;
  for (size_t at; (at = lines.find("\r\n")) != std::string::npos; lines.erase(0, at + 2))
    out += lines.substr(0, at) + "," + stamp + "\r\n";
  return out;
}

TEST_F(Vm250, a_daily_file_is_scans_at_their_times) {
  day("rpm_2026-11-22.csv", stamped(background, "11-59-00.000,16-59-00.000") +
                                stamped(quiet() + end(), "12-00-00.500,17-00-00.500"));
  run();
  ASSERT_EQ(scans_.size(), 1u);
  EXPECT_EQ(scans_[0].begin.key, "rpm_2026-11-22.csv/43200500");
  EXPECT_EQ(scans_[0].begin.time.utc_ns, INT64_C(1795366800500000000));  // 2026-11-22T17:00:00.500Z
  EXPECT_EQ(scans_[0].begin.time.offset_s, -18000);
  EXPECT_EQ(scans_[0].begin.objects.size(), 1u);
  EXPECT_TRUE(services_.objects[0].done);
}

TEST_F(Vm250, an_occupancy_goes_on_over_midnight_into_the_next_file) {
  day("rpm_2026-11-22.csv", stamped(quiet(4), "23-59-59.800,04-59-59.800"));
  day("rpm_2026-11-23.csv", stamped(quiet(3) + end(), "00-00-00.200,05-00-00.200"));
  run();
  ASSERT_EQ(scans_.size(), 1u);
  EXPECT_EQ(scans_[0].end->outcome, GARITA_SCAN_COMPLETE);
  EXPECT_EQ(scans_[0].readings[0].values.size(), 7u);
  EXPECT_EQ(scans_[0].begin.objects.size(), 2u);
  EXPECT_EQ(scans_[0].end->time.utc_ns - scans_[0].begin.time.utc_ns, 400'000'000);
  EXPECT_TRUE(services_.objects[0].done && services_.objects[1].done);
}

TEST_F(Vm250, an_occupancy_does_not_go_on_where_a_day_is_missing) {
  day("rpm_2026-11-22.csv", stamped(quiet(4), "23-59-59.800,04-59-59.800"));
  day("rpm_2026-11-24.csv", stamped(quiet(3) + end(), "00-00-00.200,05-00-00.200"));
  run();
  ASSERT_EQ(scans_.size(), 2u);
  EXPECT_EQ(scans_[0].end->outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans_[1].end->outcome, GARITA_SCAN_COMPLETE);
  EXPECT_TRUE(services_.objects[0].done && services_.objects[1].done);
}

TEST_F(Vm250, midnight_within_a_file_is_the_next_day) {
  day("rpm_2026-11-22.csv",
      stamped(quiet(1), "23-59-59.900,04-59-59.900") + stamped(end(), "00-00-00.100,05-00-00.100"));
  run();
  ASSERT_EQ(scans_.size(), 1u);
  EXPECT_EQ(scans_[0].end->time.utc_ns - scans_[0].begin.time.utc_ns, 200'000'000);
}

TEST_F(Vm250, a_panel_whose_clock_is_set_back_within_a_day_keeps_its_day_and_its_occupancies) {
  day("rpm_2026-11-22.csv", stamped(background, "11-00-00.000,16-00-00.000") +
                                stamped(quiet(3) + end("000001"), "12-00-00.000,17-00-00.000") +
                                stamped(quiet(4) + end("000002"), "11-30-00.000,16-30-00.000"));
  run();
  ASSERT_EQ(scans_.size(), 2u);
  for (const Seen& scan : scans_) EXPECT_EQ(scan.end->outcome, GARITA_SCAN_COMPLETE);
  EXPECT_EQ(scans_[0].begin.time.utc_ns - scans_[1].begin.time.utc_ns, INT64_C(1'800'000'000'000));
  EXPECT_NE(scans_[0].begin.key, scans_[1].begin.key);
}

TEST_F(Vm250, times_without_utc_are_unknown_unless_the_site_says_the_zone) {
  const std::string lines = stamped(quiet() + end(), "12-00-00.500");
  day("rpm_2026-11-22.csv", lines);
  run();
  EXPECT_EQ(scans_[0].begin.time.utc_ns, GARITA_UTC_UNKNOWN);
}

TEST_F(Vm250, the_configured_zone_makes_local_times_known) {
  services_.configuration["utc_offset_min"] = {GARITA_VALUE_I64, -420, 0, {}};
  day("rpm_2026-11-22.csv", stamped(quiet() + end(), "12-00-00.500"));
  run();
  EXPECT_EQ(scans_[0].begin.time.utc_ns, INT64_C(1795374000500000000));
}

TEST_F(Vm250, files_of_others_are_refused_by_name) {
  day("rpm_2026-11-22.csv", "S1,NaI,SPM,512,1.0\r\nGB,Aa1,1,2,3\r\n");
  day("rpm_notes.csv", quiet());
  day("rpm_2026-11-23.csv", quiet() + end());
  run();
  EXPECT_EQ(services_.objects[0].rejected, GARITA_DATA_UNSUPPORTED);
  EXPECT_NE(services_.objects[0].reason.find("spectroscopic"), std::string::npos)
      << services_.objects[0].reason;
  EXPECT_NE(services_.objects[1].reason.find("'rpm_notes.csv' has no date"), std::string::npos);
  EXPECT_TRUE(services_.objects[2].done);
  EXPECT_EQ(scans_.size(), 1u);
}

TEST_F(Vm250, a_file_longer_than_a_piece_loses_no_line) {
  std::string lines;
  for (int i = 0; i < 300; ++i) lines += background + quiet(10) + end();
  ASSERT_GT(lines.size(), 100000u);
  day("rpm_2026-11-22.csv", lines);
  run();
  EXPECT_EQ(scans_.size(), 300u);
  for (const Seen& scan : scans_) EXPECT_EQ(scan.readings[0].values.size(), 10u);
}

TEST_F(Vm250, without_any_source_it_does_not_open) { EXPECT_FALSE(open()); }

TEST_F(Vm250, a_live_panel_is_read_and_daily_files_beside_it_are_not) {
  live(quiet() + end());
  day("rpm_2026-11-22.csv", quiet() + end());
  run();
  EXPECT_EQ(scans_.size(), 1u);
  EXPECT_FALSE(services_.objects[0].done || services_.objects[0].rejected);
}

}  // namespace
}  // namespace garita::vm250
