#include "tests/sdk/scripted_driver.hpp"

namespace garita::test {
namespace {

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Streams : public ScriptedDriver {
 protected:
  // Reads frames of 4 and then 3 bytes as a step does: peek at both, then consume.
  void read_frames(Scripted& device) {
    device.step = [&device, this] {
      const std::string head = text_of(device.in.need(4));
      frames.push_back(head + "|" + text_of(device.in.need(7)).substr(4));
      device.in.consume(7);
      device.emit(Health{});
    };
  }
  std::vector<std::string> frames;
};

TEST_F(Streams, need_loses_nothing_on_a_timeout_at_any_byte) {
  const std::string input = "abcdefgABCDEFG";
  for (size_t cut = 0; cut <= input.size(); ++cut) {
    frames.clear();
    Scripted& device = opened();
    read_frames(device);
    host.give(input.substr(0, cut));
    host.answer(GARITA_TIMEOUT);
    host.give(input.substr(cut));
    for (int call = 0; call < 4 && frames.size() < 2; ++call) next();
    EXPECT_EQ(frames, (std::vector<std::string>{"abcd|efg", "ABCD|EFG"})) << "cut at " << cut;
    close();
    host.answer(GARITA_TIMEOUT);
  }
}

TEST_F(Streams, need_lives_with_single_bytes_and_a_timeout_after_each) {
  Scripted& device = opened();
  read_frames(device);
  for (char c : std::string("abcdefg")) {
    host.give({c});
    host.answer(GARITA_TIMEOUT);
  }
  int timeouts = 0;
  while (frames.empty() && timeouts < 20)
    if (next() == GARITA_TIMEOUT) ++timeouts;
  EXPECT_EQ(frames, std::vector<std::string>{"abcd|efg"});
  EXPECT_EQ(timeouts, 6);
}

TEST_F(Streams, need_waits_until_the_deadline_and_not_longer) {
  opened().step = [] { Scripted::only->in.need(1); };
  const uint64_t deadline_ns = host.soon();
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  EXPECT_EQ(host.now(), deadline_ns);
}

TEST_F(Streams, need_does_not_wait_while_an_event_is_there) {
  Scripted& device = opened();
  device.step = [&device] {
    device.emit(Health{});
    device.in.need(1);
  };
  const uint64_t before = host.now();
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(host.now(), before);
}

TEST_F(Streams, end_before_a_frame_is_the_end_and_stays_it) {
  read_frames(opened());
  host.answer(GARITA_END);
  EXPECT_EQ(next(), GARITA_END);
  EXPECT_EQ(next(), GARITA_END);
  EXPECT_EQ(host.reads, 1);
}

TEST_F(Streams, end_inside_a_frame_is_told_once_with_its_place) {
  read_frames(opened());
  host.give("abc");
  host.answer(GARITA_END);
  EXPECT_EQ(next(), GARITA_DATA_TRUNCATED);
  EXPECT_STREQ(error_.message,
               "stream 'scanner' ended in the middle of a frame: 3 bytes are there, 1 are missing");
  EXPECT_EQ(next(), GARITA_END);
}

TEST_F(Streams, length_out_of_hand_is_refused_before_anything_is_read) {
  opened().step = [] { Scripted::only->in.need(size_t{1} << 40); };
  EXPECT_EQ(next(), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(host.reads, 0);
}

TEST_F(Streams, received_is_the_arrival_of_the_last_byte_needed_and_not_of_what_came_later) {
  Scripted& device = opened();
  std::vector<uint64_t> arrivals;
  device.step = [&] {
    device.in.need(2);
    arrivals.push_back(device.in.received().received_ns);
    device.in.consume(2);
    arrivals.push_back(device.in.received().received_ns);
    if (arrivals.size() == 4) device.emit(Health{});
  };
  host.give("a");    // arrives at 1'000'001
  host.give("bcd");  // at 1'000'002
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(arrivals, (std::vector<uint64_t>{1000002, 1000002, 1000002, 1000002}));
}

TEST_F(Streams, lost_connection_is_passed_on_with_the_hosts_sentence) {
  read_frames(opened());
  host.answer(GARITA_DEVICE_LOST);
  EXPECT_EQ(next(), GARITA_DEVICE_LOST);
  EXPECT_STREQ(error_.message, "the fake stream says so");
}

TEST_F(Streams, lost_connection_may_be_opened_again_within_a_step) {
  Scripted& device = opened();
  device.step = [&device] {
    try {
      device.in.need(4);
    } catch (const Stop& stop) {
      if (stop.status != GARITA_DEVICE_LOST) throw;
      device.in.reopen();
      device.in.need(1);
      device.emit(Health{});
    }
  };
  host.give("ab");
  host.answer(GARITA_DEVICE_LOST);
  host.give("c");
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(text_of(device.in.need(1)), "c");
  EXPECT_EQ(host.open_streams.size(), 1u);
}

TEST_F(Streams, stream_that_does_not_open_fails_open_and_leaves_no_handle) {
  host.open_answer = GARITA_NOT_CONFIGURED;
  EXPECT_EQ(open(), GARITA_NOT_CONFIGURED);
  EXPECT_STREQ(error_.message, "the fake stream does not open");
  EXPECT_EQ(device_.handle, 0u);
}

TEST_F(Streams, send_goes_on_in_later_steps_where_the_device_takes_little) {
  Scripted& device = opened();
  host.write_room = 2;
  device.in.send("hello");
  EXPECT_EQ(host.written, "he");
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  host.write_room = 100;
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  EXPECT_EQ(host.written, "hello");
  EXPECT_EQ(device.in.unsent(), 0u);
}

TEST_F(Streams, send_to_a_device_that_takes_nothing_has_a_limit) {
  Scripted& device = opened();
  host.write_room = 0;
  device.step = [&device] { device.in.send(std::string(Bytes::max_unsent_bytes / 2 + 1, 'x')); };
  EXPECT_EQ(next(), GARITA_DEVICE_LOST);
}

TEST_F(Streams, oldest_is_the_stream_whose_first_byte_came_first) {
  Scripted& device = opened();
  Bytes second(device, "second", {.read_ahead_bytes = 0});
  size_t place = 9;
  device.step = [&] {
    place = oldest(device, {&device.in, &second});
    device.emit(Health{});
  };
  for (const auto& [arrivals, expected] :
       {std::pair(std::vector<uint64_t>{5, 3}, 1u), std::pair(std::vector<uint64_t>{5, 7}, 0u),
        std::pair(std::vector<uint64_t>{0, 9}, 1u)}) {
    host.arrivals = arrivals;
    EXPECT_EQ(next(), GARITA_OK);
    EXPECT_EQ(place, expected);
  }
  host.arrivals = {0, 0};
  EXPECT_EQ(next(), GARITA_TIMEOUT);
}

TEST_F(Streams, oldest_counts_bytes_that_are_here_already_but_not_a_frame_that_is_not_whole) {
  Scripted& device = opened();
  Bytes second(device, "second", {.read_ahead_bytes = 0});
  host.give("abc");
  device.in.need(2);
  host.arrivals = {0, 0};
  EXPECT_EQ(oldest(device, {&second, &device.in}), 1u);
  EXPECT_THROW(device.in.need(4), Stop);
  EXPECT_THROW(oldest(device, {&second, &device.in}), Stop);
}

TEST_F(Streams, stream_without_read_ahead_leaves_the_rest_at_the_host) {
  Scripted& device = opened();
  Bytes exact(device, "exact", {.read_ahead_bytes = 0});
  host.give("abcdef");
  EXPECT_EQ(text_of(exact.need(2)), "ab");
  EXPECT_EQ(exact.buffered(), 2u);
  exact.consume(2);
  EXPECT_EQ(text_of(exact.need(4)), "cdef");
}

}  // namespace
}  // namespace garita::test
