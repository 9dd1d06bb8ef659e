// Two sites and a way between them that treats messages badly: nothing is lost, nothing comes twice.
#include <algorithm>
#include <fstream>

#include "core/base/testing/faulty_files.hpp"
#include "tests/exchange/sites.hpp"
#include "tests/exchange/wire.hpp"

namespace garita::exchange {
namespace {

using namespace testing;

class TwoSites : public ::testing::Test {
 protected:
  void connect(Faults faults = {}) {
    wire_ = std::make_unique<Wire>(faults, seed_of_run());
    mx_.connect(wire_->a);
    us_.connect(wire_->b);
  }
  void restart(Site& site, Transport& end) {
    site.stop();
    site.start();
    site.connect(end);
  }

  // Until nothing waits on either side; an hour of the simulated clock goes by where there is nothing to do.
  bool settle(int turns = 20'000) {
    for (int i = 0; i < turns; ++i) {
      if (mx_.waiting() == 0 && us_.waiting() == 0) return true;
      turn();
    }
    return false;
  }
  void turn() {
    const uint64_t carried = wire_->carried;
    EXPECT_TRUE(mx_.courier->turn(0).ok());
    EXPECT_TRUE(us_.courier->turn(0).ok());
    if (carried == wire_->carried) clock_.advance(10'000'000'000);
  }
  void put(int inspections, size_t size = chunk_bytes + 1000) {
    for (int i = 0; i < inspections; ++i) {
      const std::string bytes = bytes_of(seed_of_run() + 1000 + static_cast<uint64_t>(i), size);
      mx_.put(std::to_string(i), bytes, Priority::rest, i % 2 ? "north" : "south");
      ledger_.sent(bytes);
    }
  }

  base::testing::TemporaryFolder folder_;
  base::ManualClock clock_{1'700'000'000'000'000'000};
  base::testing::FaultyFileSystem disk_;
  Site mx_{"mx", "us", folder_.path(), clock_}, us_{"us", "mx", folder_.path(), clock_, disk_};
  std::unique_ptr<Wire> wire_;
  Ledger ledger_;
};

TEST_F(TwoSites, on_a_good_way_each_chunk_goes_once) {
  connect();
  put(3);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  EXPECT_EQ(mx_.courier->counts().chunks_sent, 6u);
  EXPECT_EQ(mx_.courier->counts().chunks_again, 0u);
  EXPECT_EQ(mx_.courier->counts().manifests_sent, 3u);
}

TEST_F(TwoSites, on_a_way_that_loses_repeats_delays_flips_and_cuts_all_arrives_once) {
  connect({.lost = 10, .twice = 10, .late = 10, .flipped = 5, .cut = 5});
  put(is_long() ? 300 : 20, 3 * chunk_bytes + 17);
  EXPECT_TRUE(settle(200'000));
  ledger_.expect_settled(mx_, us_);
}

TEST_F(TwoSites, whoever_is_restarted_at_any_moment_goes_on) {
  connect({.lost = 5});
  put(10, 2 * chunk_bytes + 1);
  std::mt19937_64 random(seed_of_run());
  for (int i = 0; i < 60 && mx_.waiting() > 0; ++i) {
    for (uint64_t turns = random() % 3; turns > 0; --turns) turn();
    if (random() % 2)
      restart(mx_, wire_->a);
    else
      restart(us_, wire_->b);
    if (random() % 3 == 0) wire_->cut();
  }
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

TEST_F(TwoSites, both_directions_share_a_way) {
  connect({.lost = 5});
  put(5);
  Ledger back;
  for (int i = 0; i < 5; ++i) {
    us_.put(std::to_string(i), bytes_of(seed_of_run() + 50 + static_cast<uint64_t>(i), 5'000),
            Priority::answer);
    back.sent(bytes_of(seed_of_run() + 50 + static_cast<uint64_t>(i), 5'000));
  }
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  back.expect_settled(us_, mx_);
}

TEST_F(TwoSites, thirty_days_offline_lose_nothing_and_cost_nothing) {
  connect();
  wire_->up = false;
  put(10);
  for (int day = 0; day < 30; ++day) {
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(mx_.courier->turn(0).ok());
    clock_.advance(86'400'000'000'000);
  }
  EXPECT_EQ(mx_.waiting(), 10u);
  wire_->up = true;
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  EXPECT_EQ(mx_.courier->counts().chunks_again, 0u);
}

TEST_F(TwoSites, after_a_cut_only_what_is_missing_is_sent_again) {
  connect();
  put(1, 24 * chunk_bytes);
  for (int i = 0; i < 3; ++i) turn();
  wire_->cut();
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  EXPECT_LE(mx_.courier->counts().chunks_again, 17u);
}

TEST_F(TwoSites, an_alarm_overtakes_what_is_under_way) {
  connect();
  put(1, 24 * chunk_bytes);
  turn();
  std::vector<Receipt> whole;
  us_.courier->on_whole = [&](const Receipt& receipt) { whole.push_back(receipt); };
  const Entry alarm = mx_.put("alarm", "urgent", Priority::alarm);
  ledger_.sent("urgent");
  EXPECT_TRUE(settle());
  ASSERT_EQ(whole.size(), 2u);
  EXPECT_EQ(whole[0].content, alarm.content);
  ledger_.expect_settled(mx_, us_);
}

TEST_F(TwoSites, a_full_disk_of_the_receiver_gives_no_receipt_until_there_is_room) {
  connect();
  put(4);
  disk_.fail({.call = base::testing::FileCall::append, .at = 3, .for_good = true, .partial_bytes = 77});
  for (int i = 0; i < 200; ++i) turn();
  EXPECT_GT(mx_.waiting(), 0u);
  EXPECT_GT(us_.courier->counts().refused.at("base.disk_full"), 0u);
  disk_.heal();
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

TEST_F(TwoSites, what_is_played_again_changes_nothing) {
  connect();
  std::vector<std::string> heard;
  wire_->tap = &heard;
  put(3);
  EXPECT_TRUE(settle());
  wire_->tap = nullptr;
  for (int round = 0; round < 2; ++round) {
    for (const std::string& message : heard) wire_->put(message, 0), wire_->put(message, 1);
    for (int i = 0; i < 50; ++i) turn();
    restart(us_, wire_->b);
    restart(mx_, wire_->a);
  }
  ledger_.expect_settled(mx_, us_);
  EXPECT_TRUE(std::filesystem::is_empty(us_.folder / "inbox/incoming"));
}

TEST_F(TwoSites, garbage_and_messages_of_strangers_are_counted_and_dropped) {
  connect();
  put(2);
  const Keyring stranger = ring_of("stranger", "us");
  for (uint64_t i = 0; i < 30; ++i) {
    wire_->put(bytes_of(i, i * 40), 1);
    wire_->put(*stranger.seal_message("us", Receipt{{1}, {{2}, 3}, 4}), 1);
  }
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
  EXPECT_EQ(us_.courier->counts().refused.at("exchange.signer_unknown"), 30u);
  EXPECT_GE(us_.courier->counts().refused.at("exchange.message_malformed"), 29u);
}

TEST_F(TwoSites, with_a_wrong_key_nothing_leaves_the_outbox) {
  connect();
  const Keyring wrong(key_of("thief"), {{"mx", key_of("mx").public_key(), std::nullopt}}, clock_);
  Courier thief({.peer = "mx"}, {wrong, *us_.outbox, *us_.inbox, wire_->b, wire_->b, clock_});
  put(1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(mx_.courier->turn(0).ok());
    EXPECT_TRUE(thief.turn(0).ok());
    clock_.advance(1'000'000'000'000);
  }
  EXPECT_EQ(mx_.waiting(), 1u);
  EXPECT_EQ(thief.counts().refused.at("exchange.message_foreign"), thief.counts().refused.begin()->second);
}

TEST_F(TwoSites, an_outbox_that_was_put_back_is_held_and_said) {
  connect();
  put(1);
  mx_.stop();
  std::filesystem::copy(mx_.folder / "outbox", folder_ / "copy", std::filesystem::copy_options::recursive);
  mx_.start();
  mx_.connect(wire_->a);
  const std::string later = bytes_of(1, 100);
  mx_.put("later", later, Priority::rest, "south");
  EXPECT_TRUE(settle());
  mx_.stop();
  std::filesystem::remove_all(mx_.folder / "outbox");
  std::filesystem::rename(folder_ / "copy", mx_.folder / "outbox");
  mx_.start();
  mx_.connect(wire_->a);
  mx_.put("something else", bytes_of(2, 100), Priority::rest, "south");
  for (int i = 0; i < 50; ++i) turn();
  ASSERT_EQ(mx_.courier->held().size(), 1u);
  EXPECT_EQ(mx_.courier->held().begin()->second, Hold::sequence_reused);
  ASSERT_TRUE(mx_.courier->why_held());
  EXPECT_EQ(mx_.courier->why_held()->id, "exchange.peer_sequence");
  EXPECT_EQ(mx_.waiting(), 1u);
}

TEST_F(TwoSites, nothing_of_lanes_keys_or_names_is_seen_on_the_way) {
  connect();
  std::vector<std::string> heard;
  wire_->tap = &heard;
  mx_.put("pedimento-23 47 3801 0000123", "sealed", Priority::alarm, "lane-of-otay");
  EXPECT_TRUE(settle());
  std::string all;
  for (const std::string& message : heard) all += message;
  EXPECT_EQ(all.find("pedimento"), std::string::npos);
  EXPECT_EQ(all.find("otay"), std::string::npos);
  EXPECT_NE(all.find("sealed"),
            std::string::npos);  // the content itself is as it was put: sealing comes before
}

}  // namespace
}  // namespace garita::exchange
