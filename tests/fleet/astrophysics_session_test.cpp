// The cabinet's driver against bytes as a cabinet sends them: whole, damaged, cut, disordered.
//
// Whatever happens on the wire: a scan that ends COMPLETE has exactly the pixels that were sent, and the bag
// after the damage is whole.
#include "tests/fleet/astrophysics_session.hpp"

namespace garita::fleet {
namespace {

// Three bags: the one in the middle is what the tests damage.
Conversation three_bags() {
  Conversation told;
  for (const uint64_t number : {0, 1, 2}) told.bag(number);
  return told;
}

// The first frame of the bag with this number, and the one behind its last.
std::pair<size_t, size_t> frames_of(const Conversation& told, size_t bag) {
  std::vector<size_t> begins;
  for (size_t i = 0; i < told.frames.size(); ++i)
    if (static_cast<uint8_t>(told.frames[i][2]) == static_cast<uint8_t>(wire::Type::bag)) begins.push_back(i);
  return {begins[bag], bag + 1 < begins.size() ? begins[bag + 1] - 1 : told.frames.size()};
}

TEST_F(CabinetDriver, whole_bags_arrive_with_their_pixels_and_their_papers) {
  const Conversation told = three_bags();
  run(told.bytes());
  ASSERT_EQ(scans.size(), 3u);
  for (size_t bag = 0; bag < 3; ++bag)
    EXPECT_TRUE(scans[bag].complete() && scans[bag].is(told.bags[bag])) << bag;
  EXPECT_EQ(value_of(standing, "device.serial"), "SC-00001");
  EXPECT_EQ(value_of(scans[0].begin.attributes, "identity.subject"), "bag");
  EXPECT_EQ(value_of(scans[0].begin.attributes, "conveyance.air.bag_tags[0]").size(), 10u);
  EXPECT_EQ(statuses, std::vector<garita_status>{GARITA_END});
}

TEST_F(CabinetDriver, views_say_what_they_are_and_the_operators_picture_is_for_the_eye) {
  const Conversation told = three_bags();
  run(told.bytes());
  const auto& views = scans.at(0).begin.views;
  ASSERT_EQ(views.size(), 4u);
  EXPECT_EQ(views[0].fidelity, GARITA_FIDELITY_TRANSMISSION);
  EXPECT_NE(views[0].columns, views[1].columns);
  EXPECT_EQ(views[1].name, "below");
  EXPECT_EQ(views[3].name, "below_operator");
  EXPECT_EQ(views[3].fidelity, GARITA_FIDELITY_DISPLAY);
  EXPECT_EQ(views[3].sample_type, GARITA_SAMPLE_U8);
  const double open = views[0].slope * 3968 + views[0].intercept;
  EXPECT_NEAR(open, 1, 1e-12);
}

TEST_F(CabinetDriver, lines_scanned_again_after_the_belt_ran_back_are_counted_once) {
  Conversation told;
  uint64_t number = 0;
  while (told.bags.empty() || !told.bags.back().went_back) told.bag(number++);
  run(told.bytes());
  EXPECT_TRUE(last_is(told.bags.back()));
  ASSERT_EQ(scans.back().attributes.size(), 1u);
  EXPECT_GT(scans.back().attributes[0].value.integer, 0);
}

TEST_F(CabinetDriver, a_detection_lies_where_its_lines_and_columns_are) {
  Conversation one;
  one.bag(0);
  one.frames.pop_back();  // its end: the finding comes before
  wire::Found found{1, 0x41, 80, "bricks", {{2, 0}, {9, 0}, {9, 0}}};
  const uint32_t first = 0xFFFFFFFFu - 5, behind = one.model.views[1].behind_lines;
  for (size_t i = 0; i < 3; ++i) found.points[i].line = first + behind + (i < 2 ? 3 : 7);
  one.add(found);
  run(one.bytes());
  ASSERT_EQ(scans.size(), 1u);
  ASSERT_FALSE(scans[0].detections.empty());
  const image::Detection& there = scans[0].detections.back();
  EXPECT_EQ(there.vendor_code, "0x41");
  EXPECT_EQ(there.first_row, 3u);
  EXPECT_EQ(there.rows, 5u);
  EXPECT_EQ(there.first_column, 2u);
  EXPECT_EQ(there.columns, 8u);
  EXPECT_EQ(there.polygon, (std::vector<double>{2, 3, 9, 3, 9, 7}));
}

TEST_F(CabinetDriver, the_clocks_offset_makes_universal_time_and_a_step_does_not_move_it) {
  Conversation told;
  told.bag(0);
  run(told.bytes());
  const std::vector<int64_t> straight = scans.at(0).times.at(0);
  EXPECT_EQ(scans[0].begin.time.utc_ns, (1'700'000'000'000'000 + Conversation::clock_offset_us) * 1000);
  for (size_t line = 1; line < straight.size(); ++line) EXPECT_GT(straight[line], straight[line - 1]);

  // Between bags the clock is set an hour back, and says so.
  constexpr int64_t hour_us = 3'600'000'000;
  Conversation stepped;
  stepped.bag(0);
  stepped.add(wire::Clock{1000 - hour_us, Conversation::clock_offset_us + hour_us});
  stepped.add(wire::Bag{"late", 1'700'000'100'000'000 - hour_us, wire::Subject::bag, ""});
  run(stepped.bytes());
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[1].begin.time.utc_ns - scans[0].begin.time.utc_ns, 100'000'000'000);
}

TEST_F(CabinetDriver, cut_at_any_byte_it_has_no_wrong_record) {
  const Conversation told = three_bags();
  const std::string good = told.bytes();
  for (size_t size = 0; size < good.size(); ++size) {
    run(good.substr(0, size));
    ASSERT_NO_FATAL_FAILURE(expect_no_wrong_record(told, size));
  }
}

TEST_F(CabinetDriver, any_flipped_bit_costs_at_most_its_own_bag) {
  const Conversation told = three_bags();
  const std::string good = told.bytes();
  const auto [first, end] = frames_of(told, 1);
  size_t at = 0;
  for (size_t frame = 0; frame < end; ++frame)
    for (size_t byte = 0; byte < told.frames[frame].size(); ++byte, ++at) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
      run(bad);
      ASSERT_NO_FATAL_FAILURE(expect_no_wrong_record(told, at));
      ASSERT_TRUE(frame == 0 || last_is(told.bags[2])) << at;
      ASSERT_TRUE(frame < first || scans[0].complete()) << at;
    }
}

TEST_F(CabinetDriver, a_message_left_out_doubled_or_out_of_turn_costs_at_most_its_own_bag) {
  const Conversation told = three_bags();
  const auto [first, end] = frames_of(told, 1);
  for (size_t at = first; at + 1 < end; ++at)
    for (const int what : {0, 1, 2}) {
      Conversation bad = three_bags();
      const auto here = bad.frames.begin() + static_cast<std::ptrdiff_t>(at);
      if (what == 0) bad.frames.erase(here);
      if (what == 1) bad.frames.insert(here, told.frames[at]);
      if (what == 2) std::iter_swap(here, here + 1);
      run(bad.bytes());
      ASSERT_NO_FATAL_FAILURE(expect_no_wrong_record(told, at));
      ASSERT_TRUE(last_is(told.bags[2])) << at << " " << what;
    }
}

TEST_F(CabinetDriver, a_message_of_a_wrong_length_in_a_good_frame_is_a_protocol_error) {
  const Conversation told = three_bags();
  const auto [first, end] = frames_of(told, 1);
  for (size_t at = first; at < end; ++at)
    for (const bool longer : {false, true}) {
      const std::string& good = told.frames[at];
      std::vector<std::byte> body(good.size() - wire::frame_head_bytes - wire::frame_tail_bytes);
      std::memcpy(body.data(), good.data() + wire::frame_head_bytes, body.size());
      body.resize(longer ? body.size() + 1 : body.size() - 1);
      std::vector<std::byte> again;
      wire::FrameWriter writer;
      std::vector<std::byte> skipped;
      for (size_t i = 0; i < at; ++i) writer.append(skipped, 0x18, 0, {});  // so that the sequence is right
      writer.append(again, static_cast<uint8_t>(good[2]), static_cast<uint8_t>(good[3]), body);
      Conversation bad = three_bags();
      bad.frames[at].assign(reinterpret_cast<const char*>(again.data()), again.size());
      run(bad.bytes());
      ASSERT_NO_FATAL_FAILURE(expect_no_wrong_record(told, at));
      ASSERT_TRUE(std::find(statuses.begin(), statuses.end(), GARITA_PROTOCOL_ERROR) != statuses.end()) << at;
    }
}

TEST_F(CabinetDriver, a_connection_lost_at_any_message_is_taken_up_again_and_the_bag_comes_whole) {
  const Conversation told = three_bags();
  const size_t end = frames_of(told, 0).second;
  for (size_t at = 1; at < end; ++at) {
    Conversation cut = three_bags();
    cut.frames.resize(at);
    run(cut.bytes());
    more(told.bytes());  // the cabinet begins again with what is not done
    ASSERT_NO_FATAL_FAILURE(expect_no_wrong_record(told, at));
    ASSERT_TRUE(last_is(told.bags[2])) << at;
  }
}

TEST_F(CabinetDriver, a_first_message_that_is_not_identity_is_refused) {
  Conversation told = three_bags();
  told.frames.erase(told.frames.begin());
  run(told.bytes());
  EXPECT_TRUE(scans.empty());
  EXPECT_FALSE(statuses.empty());
}

}  // namespace
}  // namespace garita::fleet
