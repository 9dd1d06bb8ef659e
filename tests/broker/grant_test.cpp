// What an address grants beside the way: how much, how fast, how long a silence; with real sockets.
#include <linux/filter.h>

#include <cerrno>

#include "core/broker/grant.hpp"
#include "tests/broker/broker_fixture.hpp"

namespace garita::broker::testing {
namespace {

base::Result<Grant> parse(const std::string& text) { return Grant::parse(Address::parse(text).value()); }

TEST(Grant, sizes_and_times_have_units) {
  EXPECT_EQ(parse_size_bytes("500"), 500u);
  EXPECT_EQ(parse_size_bytes("20MB"), 20'000'000u);
  EXPECT_EQ(parse_size_bytes("64KiB"), 65536u);
  EXPECT_EQ(parse_duration_ns("500ms"), 500'000'000u);
  EXPECT_EQ(parse_duration_ns("2h"), 7200'000'000'000u);
}

TEST(Grant, what_is_no_size_or_time_is_refused) {
  for (const char* text : {"", "0", "-1", "MB", "1 MB", "1mb", "99999999999GB", "18446744073709551616"})
    EXPECT_FALSE(parse_size_bytes(text)) << text;
  for (const char* text : {"", "30", "0s", "1d", "999999999h"}) EXPECT_FALSE(parse_duration_ns(text)) << text;
}

TEST(Grant, options_of_another_kind_are_refused_by_name) {
  for (const char* text : {"tcp://a:1?max_bites=5", "udp://a:1?alive=5s", "file:a?stream=b", "replay:a?idle=5s",
                           "tcp://a:1?alive=500ms", "tcp://a:1?idle=5"}) {
    const auto grant = parse(text);
    ASSERT_FALSE(grant) << text;
    EXPECT_EQ(grant.error().id, "broker.stream_option");
  }
}

class Granted : public BrokerTest {
 protected:
  void connect(const std::string& options) {
    use({{"scanner", loopback.address() + options}});
    id = open("scanner");
    peer = std::make_unique<Peer>(loopback.accept());
  }

  Loopback loopback;
  std::unique_ptr<Peer> peer;
  uint32_t id = 0;
};

TEST_F(Granted, bytes_end_the_stream_exactly_where_they_are_spent) {
  connect("?max_bytes=10");
  peer->send("0123456789abcdef");
  EXPECT_EQ(read_all(id, 100), "0123456789");
  EXPECT_EQ(last.status, GARITA_HOST_LIMIT);
  EXPECT_EQ(last.error.id, "broker.spent_bytes");
  EXPECT_EQ(totals("scanner").read_bytes, 10u);
}

TEST_F(Granted, bytes_count_both_ways_and_over_openings) {
  connect("?max_bytes=10");
  EXPECT_TRUE(write(id, "12345").ok());
  broker->close(id);
  id = open("scanner");
  const Peer second_peer = loopback.accept();
  EXPECT_EQ(write(id, "67890x").status, GARITA_HOST_LIMIT);
  EXPECT_EQ(written, 5u);
}

TEST_F(Granted, stream_without_bytes_left_opens_no_more) {
  connect("?max_bytes=3");
  EXPECT_EQ(write(id, "1234").status, GARITA_HOST_LIMIT);
  broker->close(id);
  EXPECT_EQ(open_fails("scanner", patient()).error.id, "broker.spent_bytes");
  ASSERT_TRUE(broker->spent());
}

TEST_F(Granted, write_to_a_spent_stream_whose_peer_has_finished_says_so_too) {
  connect("?max_bytes=3");
  peer->half_close();
  read(id);
  ASSERT_EQ(last.status, GARITA_END);
  EXPECT_EQ(write(id, "1234").status, GARITA_HOST_LIMIT);
}

TEST_F(Granted, rate_ends_the_stream_that_exceeds_it) {
  connect("?max_rate=1kB");
  peer->send(std::string(5000, 'x'));
  EXPECT_EQ(read_all(id, 5000), std::string(1000, 'x'));
  EXPECT_EQ(last.error.id, "broker.spent_rate");
  EXPECT_EQ(last.status, GARITA_HOST_LIMIT);
}

TEST_F(Granted, rate_leaves_a_slower_stream_alone) {
  connect("?max_rate=1MB");
  for (int i = 0; i < 10; ++i) {
    peer->send(std::string(1000, 'x'));
    ASSERT_EQ(read_all(id, 1000).size(), 1000u);
  }
}

TEST_F(Granted, silent_device_is_lost) {
  connect("?idle=1s");
  peer->send("hello");
  EXPECT_EQ(read_all(id, 100), "hello");
  EXPECT_EQ(last.status, GARITA_DEVICE_LOST);
  EXPECT_EQ(last.error.id, "broker.idle");
}

TEST_F(Granted, lost_for_its_silence_it_can_be_opened_again) {
  connect("?idle=50ms");
  read(id);
  ASSERT_EQ(last.error.id, "broker.idle");
  broker->close(id);
  id = open("scanner");
  const Peer again = loopback.accept();
  EXPECT_EQ(totals("scanner").openings, 2u);
}

TEST_F(Granted, device_that_is_not_listened_to_is_not_silent) {
  use({{"scanner", loopback.address() + "?idle=1s"}}, {.queued_bytes = 4});
  id = open("scanner");
  Peer talker = loopback.accept();
  talker.send("01234567");
  std::this_thread::sleep_for(std::chrono::milliseconds(1300));  // longer than idle, with a full queue
  EXPECT_EQ(read(id).substr(0, 4), "0123");
}

TEST_F(Granted, peer_that_the_network_no_longer_reaches_is_lost) {
  connect("?alive=1s");
  sock_filter nothing_comes_through = {BPF_RET | BPF_K, 0, 0, 0};  // as if its cable were cut
  const sock_fprog filter = {1, &nothing_comes_through};
  const int cut = ::setsockopt(peer->descriptor(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
  if (cut != 0 && errno == EPERM) GTEST_SKIP() << "SKIPPED: this kernel lets root alone cut a connection";
  ASSERT_EQ(cut, 0);
  EXPECT_EQ(read(id), "");
  EXPECT_EQ(last.status, GARITA_DEVICE_LOST);
  EXPECT_EQ(last.error.id, "broker.lost");
}

}  // namespace
}  // namespace garita::broker::testing
