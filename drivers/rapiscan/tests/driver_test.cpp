// The driver through its ABI, against a gantry made of a script.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/base/text.hpp"
#include "core/load/in_process.hpp"
#include "core/load/library.hpp"
#include "core/load/manifest.hpp"
#include "core/load/status.hpp"
#include "drivers/rapiscan/tests/script.hpp"

namespace garita::rapiscan {
namespace {

using test::Bytes;
using test::Chunk;
using test::Words;

struct SeenRow {
  uint64_t index = 0;
  int64_t utc_ns = 0, position_um = 0;
  uint32_t dose = 0;
  std::vector<uint16_t> high, low;
};

struct Seen {
  image::ScanBegin begin;
  std::vector<image::Attribute> more;
  std::vector<SeenRow> rows;
  std::optional<image::ScanEnd> end;
  std::vector<image::Detection> found;
};

class RapiscanDriver : public ::testing::Test {
 protected:
  RapiscanDriver() {
    set("reorder_window", 16);
    set("drain_ms", 500);
    set("silence_ms", 5000);
    set("lines_port", 0);
    words_.hello();
  }
  void set(const std::string& key, int64_t value) {
    script_.configuration[key] = {GARITA_VALUE_I64, value, 0, {}};
  }

  static std::shared_ptr<const load::Library> library() {
    static const auto* const loaded = [] {
      const auto manifest = load::read_manifest(GARITA_DRIVER_DIR "/rapiscan/rapiscan.garita.json");
      return new std::shared_ptr<const load::Library>(*load::Library::load(*manifest));
    }();
    return *loaded;
  }

  // Plays what was said, until END or a status of the device class, which it answers.
  garita_status play(std::deque<Chunk> chunks) {
    script_.chunks = std::move(chunks);
    scans_.clear();
    statuses_.clear();
    auto session = load::open_in_process(library(), script_, "", "test", UINT64_MAX / 4);
    EXPECT_TRUE(session.ok());
    int quiet = 0;
    for (int calls = 0; session.ok() && calls < 100000; ++calls) {
      load::Next next = (*session)->next(script_.clock_ns + 100'000'000);
      if (next.status == GARITA_OK) take(next.event), quiet = 0;
      if (next.status == GARITA_OK || next.status == GARITA_WORKING) continue;
      if (next.status == GARITA_END) return GARITA_END;
      if (next.status == GARITA_TIMEOUT && ++quiet > 200) return GARITA_TIMEOUT;
      if (next.status == GARITA_TIMEOUT) continue;
      statuses_.push_back(next.status);
      EXPECT_NE(load::class_of(next.status), load::StatusClass::driver)
          << base::render(next.error, base::Language::en);
      if (load::class_of(next.status) != load::StatusClass::data) return next.status;
    }
    ADD_FAILURE() << "the driver does not come to an end";
    return GARITA_DRIVER_FAULT;
  }
  garita_status play() { return play(std::exchange(words_.chunks, {})); }

  void take(const image::Event& event) {
    if (const auto* begin = std::get_if<image::ScanBegin>(&event)) scans_.push_back({*begin, {}, {}, {}, {}});
    if (const auto* strip = std::get_if<image::Strip>(&event)) take(*strip);
    if (const auto* end = std::get_if<image::ScanEnd>(&event)) scans_.back().end = *end;
    if (const auto* found = std::get_if<image::Detection>(&event)) scans_.back().found.push_back(*found);
    if (const auto* more = std::get_if<image::Attributes>(&event);
        more && !scans_.empty() && !scans_.back().end)
      scans_.back().more = more->attributes;
  }

  void take(const image::Strip& strip) {
    auto& rows = scans_.back().rows;
    rows.resize(std::max<size_t>(rows.size(), strip.first_row + strip.rows));
    for (uint32_t i = 0; i < strip.rows; ++i) {
      SeenRow& row = rows[strip.first_row + i];
      row.index = strip.line_index[i], row.dose = strip.dose_q16[i];
      row.utc_ns = strip.time_utc_ns[i], row.position_um = strip.position_um[i];
      const auto* samples =
          reinterpret_cast<const uint16_t*>(strip.memory.get() + i * strip.row_stride_bytes);
      (strip.channel == 0 ? row.high : row.low).assign(samples, samples + Words::columns);
    }
  }

  // Every row with a dose holds what that line was; the others hold nothing.
  static void expect_true(const Seen& scan, uint32_t number) {
    const uint64_t first = 0xFFFFFFF0u + number;
    for (const SeenRow& row : scan.rows) {
      for (size_t column = 0; column < Words::columns; ++column) {
        const uint64_t line = row.index - first;
        EXPECT_EQ(row.high[column], row.dose == 0 ? 0 : Words::sample(number, line, column));
        EXPECT_EQ(row.low[column], row.dose == 0 ? 0 : Words::sample(number, line, column + Words::columns));
      }
    }
    for (size_t i = 1; i < scan.rows.size(); ++i) EXPECT_LT(scan.rows[i - 1].index, scan.rows[i].index);
  }

  void expect_whole(size_t place, uint32_t number, size_t lines) {
    ASSERT_LT(place, scans_.size());
    const Seen& scan = scans_[place];
    ASSERT_TRUE(scan.end);
    EXPECT_EQ(scan.end->outcome, GARITA_SCAN_COMPLETE) << scan.end->reason;
    EXPECT_EQ(scan.begin.key, "RG1-3-" + std::to_string(number));
    EXPECT_EQ(scan.rows.size(), lines);
    expect_true(scan, number);
  }

  test::Script script_;
  Words words_;
  std::vector<Seen> scans_;
  std::vector<garita_status> statuses_;
};

TEST_F(RapiscanDriver, a_scan_is_its_lines_in_both_energies) {
  words_.whole(1, 40);
  EXPECT_EQ(play(), GARITA_END);
  expect_whole(0, 1, 40);
  const Seen& scan = scans_[0];
  ASSERT_EQ(scan.begin.views.size(), 1u);
  EXPECT_EQ(scan.begin.views[0].channels[1].kind, GARITA_CHANNEL_LOW);
  EXPECT_EQ(scan.begin.time.utc_ns, INT64_C(1795388706250000000));
  EXPECT_EQ(scan.begin.time.offset_s, -7 * 3600);
  EXPECT_EQ(scan.rows[0].index, 0xFFFFFFF1u);
  EXPECT_EQ(scan.rows[39].index, 0xFFFFFFF1u + uint64_t{39});  // the counter wrapped and the record's did not
  EXPECT_EQ(scan.rows[30].utc_ns - scan.rows[0].utc_ns, 100'000'000);
  EXPECT_EQ(scan.rows[39].position_um, 39 * 4000);
}

TEST_F(RapiscanDriver, the_energies_of_a_narrow_and_long_scan_stay_together) {
  words_.whole(1, 3000);
  play();
  expect_whole(0, 1, 3000);
}

TEST_F(RapiscanDriver, answers_hello_with_arm_and_a_registration) {
  play();
  EXPECT_EQ(script_.datagrams_written, 1u);
  const Cut cut = cut_frame(std::as_bytes(std::span(script_.written)));
  ASSERT_EQ(cut.kind, Cut::Kind::frame);
  EXPECT_TRUE(std::holds_alternative<Arm>(decode(cut.frame).message));
}

TEST_F(RapiscanDriver, registers_again_as_long_as_the_gantry_knows_nobody) {
  words_.say(Status{});
  words_.say(Status{});
  words_.say(Status{.registered = 1});
  play();
  EXPECT_EQ(script_.datagrams_written, 3u);
}

TEST_F(RapiscanDriver, a_port_of_its_own_is_told_and_needs_no_registration) {
  set("lines_port", 7101);
  play();
  EXPECT_EQ(script_.datagrams_written, 0u);
  const Message message = decode(cut_frame(std::as_bytes(std::span(script_.written))).frame).message;
  EXPECT_EQ(std::get<Arm>(message).lines_port, 7101);
}

TEST_F(RapiscanDriver, energies_in_turn_are_one_line_and_half_a_line_apart) {
  words_.whole(1, 60, 2);
  play();
  expect_whole(0, 1, 30);
  EXPECT_EQ(scans_[0].begin.views[0].channels[1].row_offset_um, 2000);
}

TEST_F(RapiscanDriver, lines_may_come_before_their_scans_start_and_after_its_end) {
  words_.begin(1);
  Chunk start = words_.chunks.back();
  words_.chunks.pop_back();
  words_.lines(0, 10);
  words_.chunks.push_back(start);
  words_.lines(10, 10);
  words_.end(30);
  words_.lines(20, 10);
  words_.say(Status{.registered = 1});
  EXPECT_EQ(play(), GARITA_END);
  expect_whole(0, 1, 30);
}

TEST_F(RapiscanDriver, lines_of_the_next_scan_are_kept_while_the_last_lines_of_one_are_awaited) {
  words_.begin(1);
  words_.lines(0, 20);
  Words next;
  next.begin(2);
  const auto early = next.line_bytes(0);
  words_.end(22);
  words_.chunks.push_back({true, early, GARITA_OK});
  words_.lines(20, 2);
  words_.begin(2);
  words_.lines(1, 9);
  words_.end(10);
  play();
  expect_whole(0, 1, 22);
  expect_whole(1, 2, 10);
}

TEST_F(RapiscanDriver, a_lost_line_inside_is_a_gap_of_the_line_index) {
  words_.begin(1);
  words_.lines(0, 5);
  words_.lines(8, 32);
  words_.end(40);
  play();
  expect_whole(0, 1, 37);
  EXPECT_EQ(scans_[0].rows[5].index - scans_[0].rows[4].index, 4u);
  EXPECT_EQ(script_.log_lines.size(), 1u);
}

TEST_F(RapiscanDriver, lost_first_and_last_lines_keep_their_place_with_a_dose_of_nothing) {
  words_.begin(1);
  words_.lines(3, 30);
  words_.end(40);
  script_.ends = false;
  play();
  expect_whole(0, 1, 32);
  EXPECT_EQ(scans_[0].rows.front().index, 0xFFFFFFF1u);
  EXPECT_EQ(scans_[0].rows.front().dose, 0u);
  EXPECT_EQ(scans_[0].rows.back().index, 0xFFFFFFF1u + uint64_t{39});
  EXPECT_EQ(scans_[0].rows.back().dose, 0u);
}

TEST_F(RapiscanDriver, a_scan_without_one_line_is_a_fault) {
  words_.begin(1);
  words_.end(40);
  words_.whole(2, 5);
  play();
  ASSERT_EQ(scans_.size(), 2u);
  EXPECT_EQ(scans_[0].end->outcome, GARITA_SCAN_FAULT);
  EXPECT_TRUE(scans_[0].rows.empty());
  expect_whole(1, 2, 5);
}

TEST_F(RapiscanDriver, waits_for_missing_lines_no_longer_than_it_may) {
  words_.begin(1);
  words_.lines(0, 5);
  words_.end(6);
  script_.ends = false;
  const uint64_t before = script_.clock_ns;
  EXPECT_EQ(play(), GARITA_DEVICE_LOST);  // of silence, later
  ASSERT_TRUE(scans_[0].end);
  EXPECT_EQ(scans_[0].rows.size(), 6u);
  EXPECT_GE(script_.clock_ns - before, 500'000'000u);
}

TEST_F(RapiscanDriver, a_damaged_datagram_is_a_lost_line_and_counted) {
  words_.whole(1, 40);
  words_.chunks[10].bytes[30] ^= std::byte{1};
  play();
  expect_whole(0, 1, 39);
  ASSERT_EQ(scans_[0].more.size(), 1u);
  EXPECT_EQ(scans_[0].more[0].key, "org.garita.rapiscan.datagrams_damaged");
  EXPECT_EQ(scans_[0].more[0].value.integer, 1);
}

TEST_F(RapiscanDriver, zero_is_a_count) {
  words_.begin(1);
  Line line{1, words_.start.first_sequence, 0, 65536, Energy::both, Words::columns, {}};
  words_.chunks.push_back({true, encode_line(line, std::vector<uint16_t>(2 * Words::columns, 0)), GARITA_OK});
  words_.end(1);
  play();
  ASSERT_EQ(scans_[0].rows.size(), 1u);
  EXPECT_EQ(scans_[0].rows[0].dose, 65536u);
  EXPECT_EQ(scans_[0].rows[0].high, std::vector<uint16_t>(Words::columns, 0));
}

TEST_F(RapiscanDriver, more_lines_than_the_gantry_counts_are_a_fault) {
  words_.begin(1);
  words_.lines(0, 10);
  words_.end(9);
  play();
  EXPECT_EQ(scans_[0].end->outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans_[0].end->code, GARITA_DATA_CORRUPT);
}

TEST_F(RapiscanDriver, a_scan_whose_end_is_lost_ends_as_truncated_with_all_that_came) {
  words_.begin(1);
  words_.lines(0, 5);
  words_.lines(6, 5);
  words_.whole(2, 5);
  play();
  ASSERT_EQ(scans_.size(), 2u);
  EXPECT_EQ(scans_[0].end->outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans_[0].rows.size(), 10u);
  expect_true(scans_[0], 1);
  expect_whole(1, 2, 5);
}

TEST_F(RapiscanDriver, axles_make_speed_and_positions) {
  words_.begin(1);
  words_.chunks.pop_back();
  words_.start.sensor_gap_um = 3'000'000;
  words_.start.axles = {{0xFFFFFF00u - 750, 0xFFFFFF00u}, {0xFFFFFF00u - 600, 0xFFFFFF00u + 150}};
  words_.start.facts = {{static_cast<uint8_t>(Fact::rail_car), "SIMX123456"},
                        {static_cast<uint8_t>(Fact::place_in_train), "17"}};
  words_.hello();
  words_.chunks.erase(words_.chunks.begin(), words_.chunks.begin() + 2);
  words_.say(words_.start);
  words_.lines(0, 3);
  words_.end(3);
  play();
  ASSERT_EQ(scans_.size(), 1u);
  std::map<std::string, image::Value> facts;
  for (const auto& each : scans_[0].begin.attributes) facts[each.key] = each.value;
  EXPECT_EQ(facts["conveyance.kind"].text, "rail_car");
  EXPECT_EQ(facts["conveyance.rail.car"].text, "SIMX123456");
  EXPECT_EQ(facts["conveyance.rail.position"].integer, 17);
  EXPECT_EQ(facts["conveyance.axles"].integer, 2);
  EXPECT_NEAR(facts["conveyance.speed_mps"].real, 1.2, 1e-9);
  EXPECT_EQ(scans_[0].rows[2].position_um, 8000);
}

TEST_F(RapiscanDriver, what_the_gantry_marks_is_where_its_lines_are_and_not_where_lost_ones_were) {
  words_.begin(1);
  words_.lines(0, 4);
  words_.lines(6, 6);  // 4 and 5 are lost
  words_.say(Found{.scan = 1, .confidence = 81, .code = "R21", .label = "barrels", .first_line = 5, .lines = 3,
                   .first_column = 1, .columns = 2});
  words_.say(Found{.scan = 1, .code = "R90", .first_line = 4, .lines = 2, .columns = 1});
  words_.end(12);
  play();
  ASSERT_EQ(scans_.at(0).found.size(), 2u);
  const image::Detection& seen = scans_[0].found[0];
  EXPECT_EQ(seen.vendor_code, "R21");
  EXPECT_EQ(seen.label, "barrels");
  EXPECT_EQ(seen.confidence, 0.81);
  EXPECT_EQ(seen.first_row, 4u);  // line 6
  EXPECT_EQ(seen.rows, 2u);
  EXPECT_EQ(seen.first_column, 1u);
  EXPECT_EQ(seen.columns, 2u);
  EXPECT_EQ(scans_[0].found[1].view, GARITA_NO_VIEW) << "all of its lines are lost";
}

TEST_F(RapiscanDriver, a_mark_of_another_scan_is_a_protocol_error) {
  words_.begin(1);
  words_.lines(0, 4);
  words_.say(Found{.scan = 2, .code = "R21"});
  EXPECT_EQ(play(), GARITA_PROTOCOL_ERROR);
}

TEST_F(RapiscanDriver, its_own_words_from_the_gantry_are_a_protocol_error) {
  words_.say(Arm{});
  EXPECT_EQ(play(), GARITA_PROTOCOL_ERROR);
}

TEST_F(RapiscanDriver, another_first_message_than_hello_is_a_protocol_error) {
  words_.chunks.pop_front();
  EXPECT_EQ(play(), GARITA_PROTOCOL_ERROR);
}

TEST_F(RapiscanDriver, the_scans_do_not_depend_on_how_bytes_are_cut_into_reads) {
  words_.whole(1, 20);
  script_.longest_read = 1;
  play();
  expect_whole(0, 1, 20);
}

// ---- Damage, at every place

TEST_F(RapiscanDriver, a_session_cut_at_any_byte_of_control_never_ends_a_half_scan_as_complete) {
  words_.whole(1, 4);
  const std::deque<Chunk> whole = words_.chunks;
  for (size_t at = 0; at < whole.size(); ++at) {
    if (whole[at].datagram) continue;
    for (size_t keep = 0; keep < whole[at].bytes.size(); ++keep) {
      std::deque<Chunk> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(at));
      cut.push_back(whole[at]);
      cut.back().bytes.resize(keep);
      if (keep == 0) cut.pop_back();
      const garita_status status = play(cut);
      EXPECT_TRUE(status == GARITA_END || status == GARITA_DEVICE_LOST) << status;
      for (const Seen& scan : scans_)
        EXPECT_TRUE(scan.end && scan.end->outcome == GARITA_SCAN_FAULT) << at << ' ' << keep;
    }
  }
}

TEST_F(RapiscanDriver, a_connection_that_breaks_at_any_message_is_lost_and_the_next_is_fine) {
  words_.whole(1, 12);
  const std::deque<Chunk> whole = words_.chunks;
  for (size_t at = 0; at < whole.size(); ++at) {
    std::deque<Chunk> broken(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(at));
    broken.push_back({false, {}, GARITA_DEVICE_LOST});
    EXPECT_EQ(play(broken), GARITA_DEVICE_LOST) << at;
    for (const Seen& scan : scans_) {
      EXPECT_EQ(scan.end->outcome, GARITA_SCAN_FAULT) << at;
      expect_true(scan, 1);
    }
    Words again;
    again.hello();
    again.whole(2, 12);
    EXPECT_EQ(play(again.chunks), GARITA_END);
    expect_whole(0, 2, 12);
  }
}

// Messages of the middle one of three scans, each `bend` one way; the third comes whole, by a new connection
// where the gantry's words were such that the old one had to end.
class RapiscanControl : public RapiscanDriver {
 protected:
  static constexpr uint32_t lines = 6;

  RapiscanControl() {
    words_.whole(1, lines);
    first_ = words_.chunks.size();
    words_.whole(2, lines);
    end_ = words_.chunks.size();
    words_.whole(3, lines);
    all_ = words_.chunks;
  }

  void expect_third_whole_after(const std::deque<Chunk>& bent, size_t at) {
    const garita_status status = play(bent);
    for (const Seen& scan : scans_) {
      const auto number = static_cast<uint32_t>(std::stoul(scan.begin.key.substr(6)));
      expect_true(scan, number);
      const bool is_complete = scan.end && scan.end->outcome == GARITA_SCAN_COMPLETE;
      EXPECT_TRUE(!is_complete || scan.rows.size() == lines) << at;
    }
    if (status != GARITA_END) {
      EXPECT_EQ(status, GARITA_PROTOCOL_ERROR) << at;
      Words again;
      again.hello();
      again.whole(3, lines);
      EXPECT_EQ(play(again.chunks), GARITA_END) << at;
    }
    ASSERT_FALSE(scans_.empty()) << at;
    EXPECT_EQ(scans_.back().begin.key, "RG1-3-3") << at;
    EXPECT_EQ(scans_.back().end->outcome, GARITA_SCAN_COMPLETE) << at << ' ' << scans_.back().end->reason;
    EXPECT_EQ(scans_.back().rows.size(), lines) << at;
  }

  // The same message with another payload, in a frame that is right, in its turn.
  static Bytes reframed(const Bytes& frame, int more) {
    const Cut cut = cut_frame(frame);
    Bytes payload(cut.frame.payload.begin(), cut.frame.payload.end());
    payload.resize(payload.size() + static_cast<size_t>(more));
    Bytes before, out;
    FrameWriter frames;
    for (uint16_t i = 0; i < cut.frame.count; ++i) frames.append(before, 2, [](Bytes&) {});
    frames.append(out, cut.frame.type,
                  [&](Bytes& to) { to.insert(to.end(), payload.begin(), payload.end()); });
    return out;
  }

  size_t first_ = 0, end_ = 0;
  std::deque<Chunk> all_;
};

TEST_F(RapiscanControl, messages_left_out_doubled_or_out_of_turn_never_make_a_wrong_scan) {
  for (size_t at = first_; at < end_; ++at)
    for (const int what : {0, 1, 2}) {
      if (all_[at].datagram) continue;
      std::deque<Chunk> bent = all_;
      const auto here = bent.begin() + static_cast<ptrdiff_t>(at);
      if (what == 0) bent.erase(here);
      if (what == 1) bent.insert(here, all_[at]);
      if (what == 2) std::iter_swap(here, std::find_if(here + 1, bent.end(), [](const Chunk& chunk) {
                                      return !chunk.datagram;
                                    }));
      expect_third_whole_after(bent, 10 * at + static_cast<size_t>(what));
    }
}

TEST_F(RapiscanControl, payloads_of_a_wrong_length_in_a_good_frame_are_protocol_errors) {
  for (size_t at = first_; at < end_; ++at)
    for (const int more : {-1, 1}) {
      if (all_[at].datagram) continue;
      std::deque<Chunk> bent = all_;
      bent[at].bytes = reframed(all_[at].bytes, more);
      EXPECT_EQ(play(bent), GARITA_PROTOCOL_ERROR) << at;
      expect_third_whole_after(bent, at);
    }
}

TEST_F(RapiscanDriver, a_clock_that_steps_back_or_is_not_set_costs_no_scan_and_moves_no_other) {
  const int64_t straight = INT64_C(1795388706250000000);
  for (const Date& date : {Date{straight - INT64_C(3'600'000'000'000), -7 * 3600}, Date{}}) {
    words_ = Words();
    words_.hello();
    words_.whole(1, 3);
    words_.begin(2, 1, date);
    words_.lines(0, 3);
    words_.end(3);
    words_.whole(3, 3);
    EXPECT_EQ(play(), GARITA_END);
    ASSERT_EQ(scans_.size(), 3u);
    for (const Seen& scan : scans_) EXPECT_EQ(scan.end->outcome, GARITA_SCAN_COMPLETE);
    for (const size_t other : {0, 2}) EXPECT_EQ(scans_[other].begin.time.utc_ns, straight);
    EXPECT_TRUE(date.utc_ns == utc_unknown || scans_[1].begin.time.utc_ns == date.utc_ns);
    for (const SeenRow& row : scans_[1].rows)
      EXPECT_EQ(row.utc_ns == GARITA_UTC_UNKNOWN, date.utc_ns == utc_unknown);
  }
}

TEST_F(RapiscanDriver, flipped_bits_anywhere_make_no_wrong_row_and_the_next_scan_is_fine) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  words_.whole(1, 12);
  const std::deque<Chunk> first = words_.chunks;
  words_.whole(2, 12);
  words_.whole(3, 12);
  const std::deque<Chunk> all = words_.chunks;
  for (int round = 0; round < 300; ++round) {
    std::deque<Chunk> damaged = all;
    for (int flip = 0; flip < 3; ++flip) {
      Chunk& chunk = damaged[2 + random() % (first.size() - 2)];  // HELLO and calibration stay
      chunk.bytes[random() % chunk.bytes.size()] ^= static_cast<std::byte>(1 << random() % 8);
    }
    EXPECT_EQ(play(damaged), GARITA_END) << "seed " << seed << " round " << round;
    ASSERT_GE(scans_.size(), 2u) << "seed " << seed << " round " << round;
    for (const Seen& scan : scans_)
      expect_true(scan, static_cast<uint32_t>(std::stoul(scan.begin.key.substr(6))));
    EXPECT_EQ(scans_.back().begin.key, "RG1-3-3");
    EXPECT_EQ(scans_.back().rows.size(), 12u) << "seed " << seed << " round " << round;
    EXPECT_EQ(scans_.back().end->outcome, GARITA_SCAN_COMPLETE) << "seed " << seed << " round " << round;
  }
}

// Lost, doubled and overtaken datagrams of three scans: each row is what that line was, what did not come is
// a gap.
TEST_F(RapiscanDriver, whatever_happens_to_datagrams_rows_are_right_and_nothing_is_invented) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  for (int round = 0; round < 60; ++round) {
    words_ = Words();
    words_.hello();
    for (uint32_t scan = 1; scan <= 3; ++scan) words_.whole(scan, 60, static_cast<uint8_t>(1 + round % 2));
    std::deque<Chunk> bent;
    for (const Chunk& chunk : words_.chunks) {
      if (chunk.datagram && random() % 100 < 6) continue;
      bent.push_back(chunk);
      if (chunk.datagram && random() % 100 < 6) bent.push_back(chunk);
      for (size_t back = random() % 100 < 20 ? random() % 6 : 0, at = bent.size() - 1;
           chunk.datagram && back > 0 && bent[at - 1].datagram; --back, --at)
        std::swap(bent[at], bent[at - 1]);
    }
    EXPECT_EQ(play(bent), GARITA_END) << "seed " << seed << " round " << round;
    ASSERT_EQ(scans_.size(), 3u);
    for (uint32_t scan = 1; scan <= 3; ++scan) {
      const Seen& seen = scans_[scan - 1];
      ASSERT_EQ(seen.end->outcome, GARITA_SCAN_COMPLETE) << "seed " << seed << ' ' << seen.end->reason;
      expect_true(seen, scan);
      EXPECT_EQ(seen.rows.front().index, 0xFFFFFFF0u + scan);
      EXPECT_EQ(seen.rows.back().index, uint64_t{0xFFFFFFF0u} + scan + 60 / words_.start.mode - 1)
          << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace garita::rapiscan
