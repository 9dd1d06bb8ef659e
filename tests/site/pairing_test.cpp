// Which scans of a lane's devices belong together, and what becomes of them.
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/testing/temporary_folder.hpp"
#include "core/host/lane_desk.hpp"
#include "core/host/take_in.hpp"

namespace garita::host {
namespace {

constexpr int64_t s = 1'000'000'000;

v1::Inspection scan(const std::string& key, int64_t begin_s, int64_t end_s) {
  v1::Inspection record;
  record.mutable_identity()->set_scan_key(key);
  record.mutable_time()->mutable_started()->set_utc_ns(begin_s * s);
  record.mutable_time()->mutable_started()->set_source(v1::Moment::SOURCE_HOST);
  record.mutable_time()->mutable_ended()->set_utc_ns(end_s * s);
  return record;
}

Passage passage(int64_t begin_s, int64_t end_s) {
  return *passage_of(scan("k", begin_s, end_s), std::nullopt);
}

TEST(Match, scans_that_overlap_belong_together_and_say_by_time) {
  const auto found = match(passage(100, 110), passage(105, 107), 0);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->reason, v1::Joined::REASON_TIME);
  EXPECT_EQ(found->apart_ns, 0u);
}

TEST(Match, scans_apart_belong_together_within_the_window_alone) {
  EXPECT_EQ(match(passage(100, 110), passage(113, 115), 3 * s)->apart_ns, static_cast<uint64_t>(3 * s));
  EXPECT_FALSE(match(passage(100, 110), passage(113, 115), 3 * s - 1));
  EXPECT_TRUE(match(passage(100, 110), passage(95, 97), 3 * s));
}

TEST(Match, equal_passage_keys_belong_together_whatever_the_clocks_say_and_unequal_ones_never) {
  Passage a = passage(100, 110), b = passage(9000, 9001), c = passage(100, 110);
  a.key = b.key = "P1", c.key = "P2";
  EXPECT_EQ(match(a, b, 0)->reason, v1::Joined::REASON_PASSAGE_KEY);
  EXPECT_FALSE(match(a, c, 3600 * s));
}

TEST(Match, the_way_between_two_devices_is_reckoned_with_where_speed_and_places_are_known) {
  Passage image = passage(100, 110), radiation = passage(90, 95);
  image.speed_mps = 2, image.position_m = 30, radiation.position_m = 10;  // 10 s before
  const auto found = match(image, radiation, 0);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found->way_ns, -10 * s);
  image.speed_mps = 0;
  EXPECT_FALSE(match(image, radiation, 0));
}

TEST(Passage, of_a_radiation_portal_is_the_time_that_it_was_occupied) {
  v1::Inspection record = scan("r", 0, 1000);
  v1::Reading& reading = *record.add_readings();
  reading.set_kind(v1::Reading::KIND_GAMMA);
  reading.set_occupied(true);
  reading.mutable_started()->set_utc_ns(100 * s);
  reading.set_interval_ns(200'000'000);
  for (int i = 0; i < 50; ++i) reading.add_values(1);
  const auto found = passage_of(record, std::nullopt);
  EXPECT_EQ(found->begin_ns, 100 * s);
  EXPECT_EQ(found->end_ns, 110 * s);
  EXPECT_EQ(match(passage(105, 106), *found, 0)->reason, v1::Joined::REASON_OCCUPANCY);
}

TEST(Passage, of_a_connected_device_is_by_the_hosts_clock_and_of_a_file_by_its_own) {
  v1::Inspection record = scan("d", 100, 110);  // a device whose clock is an hour slow
  record.mutable_time()->mutable_started()->set_source(v1::Moment::SOURCE_DEVICE);
  record.mutable_time()->mutable_received()->set_utc_ns(3710 * s);
  EXPECT_EQ(passage_of(record, std::nullopt)->begin_ns, 3700 * s);
  record.mutable_provenance()->add_streams()->set_object("a.n42");
  EXPECT_EQ(passage_of(record, std::nullopt)->begin_ns, 100 * s);
  record.mutable_time()->set_device_clock_offset_ns(-50 * s);
  EXPECT_EQ(passage_of(record, std::nullopt)->begin_ns, 150 * s);
}

TEST(Passage, of_a_record_without_any_time_is_none) {
  EXPECT_FALSE(passage_of(v1::Inspection(), std::nullopt));
}

TEST(TakeIn, keeps_whose_each_reading_is_and_why_it_belongs_here) {
  v1::Inspection record = scan("image", 100, 110), other = scan("radiation", 101, 102);
  record.mutable_conveyance()->set_speed_mps(2);
  record.add_readings();
  other.mutable_device()->set_serial("RPM-1");
  other.mutable_conveyance()->set_speed_mps(9);
  other.mutable_conveyance()->add_plates()->set_number("ABC123");
  other.add_readings()->set_alarm(true);
  other.add_suspect()->set_path("readings[0].values");
  ASSERT_EQ(take_in(other, {v1::Joined::REASON_TIME, 7, std::nullopt}, 10, record), 1u);
  EXPECT_EQ(record.other_devices(0).serial(), "RPM-1");
  EXPECT_EQ(record.readings(1).device_index(), 1u);
  EXPECT_TRUE(record.readings(1).alarm());
  EXPECT_EQ(record.suspect(0).path(), "readings[1].values");
  EXPECT_EQ(record.conveyance().speed_mps(), 2) << "what the scan itself said stays";
  EXPECT_EQ(record.conveyance().plates(0).number(), "ABC123");
  EXPECT_EQ(record.joined(0).scan_key(), "radiation");
  EXPECT_EQ(record.joined(0).apart_ns(), 7u);
  EXPECT_EQ(record.identity().supplement_keys(0), "radiation");
}

TEST(TakeIn, of_a_device_too_many_changes_nothing) {
  v1::Inspection record = scan("image", 100, 110);
  for (int i = 0; i < 16; ++i) record.add_other_devices();
  const std::string before = record.SerializeAsString();
  EXPECT_EQ(take_in(scan("x", 1, 2), {}, 0, record), 0u);
  EXPECT_EQ(record.SerializeAsString(), before);
}

class Desk : public ::testing::Test {
 protected:
  Desk() {
    auto opened = LaneDesk::open({folder / "out/.waiting", folder / "out", 5000, 1000, 3}, clock);
    EXPECT_TRUE(opened.ok());
    desk = std::move(*opened);
  }

  void offer(const std::string& device, const std::string& key, int64_t begin_s, int64_t end_s) {
    const auto path = desk->spool() / (key + ".garita");
    std::ofstream(path) << key;
    desk->offer({.device = device, .path = path, .record = scan(key, begin_s, end_s)});
  }

  base::testing::TemporaryFolder folder;
  base::ManualClock clock;
  std::unique_ptr<LaneDesk> desk;
};

TEST_F(Desk, gives_a_leader_the_nearest_scan_of_each_other_device) {
  offer("rpm", "early", 96, 97);
  offer("rpm", "right", 101, 102);
  offer("camera", "picture", 100, 100);
  const auto partners = desk->take(passage(100, 110), "image");
  ASSERT_EQ(partners.size(), 2u);
  EXPECT_EQ(partners[0].scan.record.identity().scan_key(), "picture");
  EXPECT_EQ(partners[1].scan.record.identity().scan_key(), "right");
  EXPECT_TRUE(desk->take(passage(300, 310), "image").empty());
}

TEST_F(Desk, a_leader_need_not_wait_when_all_others_are_there) {
  offer("rpm", "r", 101, 102);
  EXPECT_FALSE(desk->has_all(passage(100, 110), "image"));
  offer("camera", "c", 101, 102);
  EXPECT_TRUE(desk->has_all(passage(100, 110), "image"));
}

TEST_F(Desk, what_was_taken_in_leaves_a_mark_and_is_told) {
  offer("rpm", "r", 101, 102);
  desk->joined(desk->take(passage(100, 110), "image"), "whole.garita");
  EXPECT_FALSE(std::filesystem::exists(desk->spool() / "r.garita"));
  EXPECT_TRUE(std::filesystem::exists(desk->spool() / "r.garita.joined"));
  const auto settled = desk->settle(false);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_TRUE(settled[0].joined);
  EXPECT_EQ(settled[0].path, "whole.garita");
}

TEST_F(Desk, what_nobody_took_is_a_package_of_its_own_in_time) {
  offer("rpm", "r", 101, 102);
  EXPECT_TRUE(desk->settle(false).empty());
  clock.advance(static_cast<uint64_t>(8 * s));
  const auto settled = desk->settle(false);
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_FALSE(settled[0].joined);
  EXPECT_TRUE(std::filesystem::exists(folder / "out/r.garita"));
}

TEST_F(Desk, what_a_leader_gave_back_waits_again) {
  offer("rpm", "r", 101, 102);
  desk->give_back(desk->take(passage(100, 110), "image"));
  EXPECT_EQ(desk->take(passage(100, 110), "image").size(), 1u);
}

TEST_F(Desk, what_is_no_package_stays_in_its_folder_for_a_person) {
  std::ofstream(desk->spool() / "torn.garita") << "torn";
  auto again = LaneDesk::open({folder / "out/.waiting", folder / "out", 5000, 1000, 2}, clock);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE((*again)->settle(true).empty());
  EXPECT_TRUE(std::filesystem::exists(desk->spool() / "torn.garita"));
}

}  // namespace
}  // namespace garita::host
