// A recording as a driver meets it.
#include "tests/broker/recordings.hpp"

namespace garita::broker::testing {
namespace {

class Replay : public ReplayTest {};

TEST_F(Replay, gives_the_bytes_and_the_end_of_then) {
  Recorded(file()).opened("scanner").came("scanner", "abc").after(second).came("scanner", "def").ended("scanner", GARITA_END);
  replay({"scanner"});
  EXPECT_EQ(read_to_end(open("scanner")), "abcdef");
  EXPECT_EQ(last.status, GARITA_END);
}

TEST_F(Replay, gives_the_times_of_then) {
  Recorded(file()).after(second).opened("scanner").after(second).came("scanner", "abc");
  replay({"scanner"});
  const uint32_t id = open("scanner");
  EXPECT_EQ(clock(), start + second);
  read(id);
  EXPECT_EQ(read_info.received_ns, start + 2 * second);
  EXPECT_EQ(read_info.received_utc_ns, Recorded::utc_ns + 2 * static_cast<int64_t>(second));
  EXPECT_EQ(player->clock().utc_ns(), read_info.received_utc_ns);
}

TEST_F(Replay, clock_moves_to_the_deadline_where_nothing_comes_before_it) {
  Recorded(file()).opened("scanner").after(10 * second).came("scanner", "late");
  replay({"scanner"});
  const uint32_t id = open("scanner");
  BrokerTest::read(id, 10, within(3 * second));
  EXPECT_EQ(last.status, GARITA_TIMEOUT);
  EXPECT_EQ(clock(), start + 3 * second);
}

TEST_F(Replay, clock_stands_while_nobody_waits) {
  Recorded(file()).opened("scanner").after(second).came("scanner", "abc").after(second).came("scanner", "def");
  replay({"scanner"});
  const uint32_t id = open("scanner");
  EXPECT_EQ(read(id, 1), "a");
  EXPECT_EQ(read(id, 1), "b");
  EXPECT_EQ(read(id, 1), "c");
  EXPECT_EQ(clock(), start + second);
}

TEST_F(Replay, poll_with_a_past_deadline_gets_only_what_is_there) {
  Recorded(file()).opened("scanner").came("scanner", "now").after(second).came("scanner", "later");
  replay({"scanner"});
  const uint32_t id = open("scanner");
  EXPECT_EQ(BrokerTest::read(id, 10, 1), "now");
  EXPECT_EQ(BrokerTest::read(id, 10, 1), "");
  EXPECT_EQ(last.status, GARITA_TIMEOUT);
}

TEST_F(Replay, loss_of_then_is_a_loss_again_and_the_next_connection_follows_it) {
  Recorded(file()).opened("scanner").came("scanner", "ab").ended("scanner", GARITA_DEVICE_LOST).after(second)
      .opened("scanner").came("scanner", "cd").ended("scanner", GARITA_END);
  replay({"scanner"});
  const uint32_t first = open("scanner");
  EXPECT_EQ(read_to_end(first), "ab");
  EXPECT_EQ(last.status, GARITA_DEVICE_LOST);
  broker->close(first);
  EXPECT_EQ(read_to_end(open("scanner")), "cd");
  EXPECT_EQ(totals("scanner").openings, 2u);
}

TEST_F(Replay, without_a_further_connection_opening_fails) {
  Recorded(file()).opened("scanner").came("scanner", "ab").ended("scanner", GARITA_OK);
  replay({"scanner"});
  broker->close(open("scanner"));
  const Answer answer = open_fails("scanner", within(100 * second));
  EXPECT_EQ(answer.status, GARITA_DEVICE_LOST);
  EXPECT_EQ(answer.error.id, "broker.replay_over");
  EXPECT_TRUE(broker->replay_is_over());
}

TEST_F(Replay, of_two_streams_keeps_their_order) {
  Recorded(file()).opened("a").opened("b").after(second).came("b", "1").after(second).came("a", "2");
  replay({"a", "b"});
  const uint32_t a = open("a"), b = open("b");
  ASSERT_EQ(wait({a, b}, within(100 * second)), GARITA_OK);
  EXPECT_EQ(ready, 2u);
  EXPECT_EQ(oldest[1], start + second);
  read(b);
  ASSERT_EQ(wait({a, b}, within(100 * second)), GARITA_OK);
  EXPECT_EQ(ready, 1u);
}

TEST_F(Replay, bytes_of_a_stream_that_is_opened_later_wait_for_it) {
  Recorded(file()).opened("a").opened("b").came("b", "early").after(second).came("a", "2").ended("b", GARITA_END);
  replay({"a", "b"});
  EXPECT_EQ(read(open("a")), "2");
  EXPECT_EQ(read_to_end(open("b")), "early");
}

TEST_F(Replay, what_is_never_read_does_not_fill_the_memory) {
  Recorded session(file(), {.queued_bytes = 1u << 30});
  session.opened("a").opened("b");
  for (uint64_t i = 0; i <= max_waiting_replay_bytes >> 20; ++i) session.came("b", std::string(1 << 20, 'x'));
  session.came("a", "behind");
  ASSERT_TRUE(session.finish());
  replay({"a", "b"});
  const uint32_t a = open("a");
  open("b");
  EXPECT_EQ(read(a), "");
  EXPECT_EQ(last.error.id, "broker.replay_unread");
}

TEST_F(Replay, in_other_chunks_gives_the_same_bytes_and_times) {
  Recorded(file()).opened("scanner").came("scanner", "abcdef").after(second).came("scanner", "gh").ended("scanner", GARITA_END);
  replay({"scanner"}, "?chunk_bytes=4");
  const uint32_t id = open("scanner");
  EXPECT_EQ(read(id), "abcd");
  EXPECT_EQ(read(id), "ef");
  EXPECT_EQ(read_info.received_ns, start);
  EXPECT_EQ(read_to_end(id), "gh");
  EXPECT_EQ(totals("scanner").read_sha256, hash("abcdefgh"));
}

TEST_F(Replay, takes_what_the_driver_writes_and_counts_it) {
  Recorded(file()).opened("scanner");
  replay({"scanner"});
  EXPECT_TRUE(write(open("scanner"), "start").ok());
  EXPECT_EQ(written, 5u);
  EXPECT_EQ(totals("scanner").written_bytes, 5u);
}

TEST_F(Replay, of_datagrams_gives_each_whole_and_tells_the_lost) {
  Recorded(file()).opened("udp", {GARITA_STREAM_DATAGRAMS, 1500}).came("udp", "one").dropped("udp", 7).came("udp", "two");
  replay({"udp"});
  const uint32_t id = open("udp");
  EXPECT_EQ(info.kind, GARITA_STREAM_DATAGRAMS);
  EXPECT_EQ(info.max_datagram_bytes, 1500u);
  EXPECT_EQ(read(id), "one");
  EXPECT_EQ(read(id), "two");
  EXPECT_EQ(read_info.dropped, 7u);
}

TEST_F(Replay, cancel_is_heard) {
  Recorded(file()).opened("scanner").after(second).came("scanner", "abc");
  replay({"scanner"});
  const uint32_t id = open("scanner");
  broker->raise_cancel();
  EXPECT_EQ(read(id), "");
  EXPECT_EQ(last.status, GARITA_CANCELLED);
  broker->lower_cancel();
  EXPECT_EQ(read(id), "abc");
}

TEST_F(Replay, in_real_time_takes_as_long_as_then) {
  Recorded(file()).opened("scanner").after(second / 5).came("scanner", "abc");
  replay({"scanner"}, "", Player::Speed::real);
  const uint64_t begun_ns = base::system_clock().monotonic_ns();
  EXPECT_EQ(read(open("scanner")), "abc");
  EXPECT_GE(base::system_clock().monotonic_ns() - begun_ns, second / 5);
}

TEST_F(Replay, can_be_recorded_again_with_the_same_content) {
  Recorded(file()).opened("scanner").after(second).came("scanner", "abc").ended("scanner", GARITA_END);
  auto opened = Player::open(file(), Player::Speed::fast).value();
  auto again = Recorder::create(folder / "again.rec", opened->clock()).value();
  player = opened;
  Broker::Sources sources;
  sources.emplace("scanner", Address::parse("replay:" + file().string()).value());
  broker = Broker::create(std::move(sources), player->clock(), {}, again.get(), {}, player).value();
  EXPECT_EQ(read_to_end(open("scanner")), "abc");
  broker.reset();
  ASSERT_TRUE(again->finish());
  const auto summary = summarize_recording(folder / "again.rec").value();
  EXPECT_EQ(summary.last_ns, start + second);
}

// ---- Objects

TEST_F(Replay, hands_out_objects_with_their_siblings_at_their_time) {
  Recorded(file()).opened("in", {GARITA_STREAM_OBJECTS, 0}).after(second).object("in", {{"a.dcs", "pixels"}, {"a.xml", "meta"}});
  replay({"in"});
  const uint32_t id = open("in");
  ObjectInfo object, sibling;
  ASSERT_EQ(broker->object_next(id, within(100 * second), object).status, GARITA_OK);
  EXPECT_EQ(object.name, "a.dcs");
  EXPECT_EQ(object.modified_utc_ns, 1234);
  EXPECT_EQ(object.sha256, hash("pixels"));
  EXPECT_EQ(clock(), start + second);
  ASSERT_TRUE(broker->inbox_of(object.handle)->sibling(object.handle, "a.xml", sibling).ok());
  EXPECT_EQ(sibling.size_bytes, 4u);
  EXPECT_EQ(broker->object_next(id, within(100 * second), object).status, GARITA_END);
}

TEST_F(Replay, object_that_was_not_finished_comes_again_at_the_next_opening) {
  Recorded(file()).opened("in", {GARITA_STREAM_OBJECTS, 0}).object("in", {{"a", "x"}});
  replay({"in"});
  uint32_t id = open("in");
  ObjectInfo object;
  ASSERT_EQ(broker->object_next(id, within(second), object).status, GARITA_OK);
  ASSERT_TRUE(broker->inbox_of(object.handle)->take_back(false));
  broker->close(id);
  ASSERT_EQ(broker->object_next(open("in"), within(second), object).status, GARITA_OK);
  EXPECT_EQ(object.name, "a");
}

TEST_F(Replay, object_that_a_kill_cut_short_is_not_handed_out) {
  const std::string text(3 << 20, 'x');
  Recorded(file(), {.frame_bytes = 1}).opened("in", {GARITA_STREAM_OBJECTS, 0}).object("in", {{"a", text}});
  std::string bytes = bytes_of(file());
  write_bytes(file(), bytes.substr(0, bytes.size() - 80));
  replay({"in"});
  ObjectInfo object;
  EXPECT_EQ(broker->object_next(open("in"), within(second), object).status, GARITA_END);
}

// ---- What cannot be replayed

TEST_F(Replay, beside_a_real_stream_is_refused) {
  Recorded(file()).opened("scanner");
  player = Player::open(file(), Player::Speed::fast).value();
  Broker::Sources sources;
  sources.emplace("scanner", Address::parse("replay:" + file().string()).value());
  sources.emplace("other", Address::parse("tcp://127.0.0.1:9").value());
  EXPECT_EQ(Broker::create(std::move(sources), player->clock(), {}, nullptr, {}, player).error().id, "broker.replay_mixed");
}

TEST_F(Replay, of_a_stream_that_was_not_recorded_names_those_that_were) {
  Recorded(file()).opened("scanner");
  player = Player::open(file(), Player::Speed::fast).value();
  Broker::Sources sources;
  sources.emplace("camera", Address::parse("replay:" + file().string()).value());
  const auto made = Broker::create(std::move(sources), player->clock(), {}, nullptr, {}, player);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().field("known"), "scanner");
}

TEST_F(Replay, stream_of_another_name_is_chosen_by_option) {
  Recorded(file()).opened("scanner").came("scanner", "abc");
  replay({"main"}, "?stream=scanner");
  EXPECT_EQ(read(open("main")), "abc");
}

TEST_F(Replay, of_a_damaged_recording_is_refused_before_it_begins) {
  Recorded(file()).opened("scanner").came("scanner", "abc");
  std::string bytes = bytes_of(file());
  bytes[bytes.size() - 3] = static_cast<char>(bytes[bytes.size() - 3] ^ 1);
  write_bytes(file(), bytes);
  EXPECT_EQ(Player::open(file(), Player::Speed::fast).error().id, "broker.recording_damaged");
}

}  // namespace
}  // namespace garita::broker::testing
