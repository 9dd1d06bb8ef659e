#include "tests/broker/broker_fixture.hpp"

namespace garita::broker::testing {
namespace {

class Tcp : public BrokerTest {
 protected:
  // A stream "scanner" that is connected to `peer`.
  void connect(Limits limits = {}) {
    use({{"scanner", loopback.address()}}, limits);
    id = open("scanner");
    peer = std::make_unique<Peer>(loopback.accept());
  }

  Loopback loopback;
  std::unique_ptr<Peer> peer;
  uint32_t id = 0;
};

TEST_F(Tcp, stream_delivers_what_the_device_sends) {
  connect();
  peer->send("garita");
  EXPECT_EQ(read_all(id, 6), "garita");
  EXPECT_EQ(info.kind, GARITA_STREAM_BYTES);
}

TEST_F(Tcp, read_gives_what_is_there_and_no_more_than_fits) {
  connect();
  peer->send("abcdef");
  EXPECT_EQ(read(id, 1), "a");
  EXPECT_EQ(read_all(id, 2), "bc");
  EXPECT_EQ(read_all(id, 3), "def");
}

TEST_F(Tcp, read_says_when_the_last_byte_arrived_by_both_clocks) {
  const uint64_t before_ns = base::system_clock().monotonic_ns();
  const int64_t before_utc_ns = base::system_clock().utc_ns();
  connect();
  peer->send("x");
  read(id);
  EXPECT_GE(read_info.received_ns, before_ns);
  EXPECT_LE(read_info.received_ns, base::system_clock().monotonic_ns());
  EXPECT_GE(read_info.received_utc_ns, before_utc_ns - 60 * static_cast<int64_t>(second));
}

TEST_F(Tcp, read_with_nothing_there_answers_timeout) {
  connect();
  read(id, 10, soon());
  EXPECT_EQ(last.status, GARITA_TIMEOUT);
  read(id, 10, now + 1);
  EXPECT_EQ(last.status, GARITA_TIMEOUT);
  EXPECT_EQ(read_info.size_bytes, 0u);
}

TEST_F(Tcp, fin_is_end_behind_all_bytes_and_stays_so) {
  connect();
  peer->send("last words");
  peer->finish();
  EXPECT_EQ(read_all(id, 100), "last words");
  EXPECT_EQ(last.status, GARITA_END);
  read(id);
  EXPECT_EQ(last.status, GARITA_END);
}

TEST_F(Tcp, half_closed_by_the_device_can_still_be_written_to) {
  connect();
  peer->half_close();
  read(id);
  ASSERT_EQ(last.status, GARITA_END);
  EXPECT_TRUE(write(id, "ack").ok());
  EXPECT_EQ(peer->receive(3), "ack");
}

TEST_F(Tcp, reset_is_device_lost_behind_the_bytes_that_came_before) {
  connect();
  peer->send("half a frame");
  ASSERT_EQ(wait({id}, patient()), GARITA_OK);  // they are in the host before the reset comes
  peer->reset();
  EXPECT_EQ(read_all(id, 100), "half a frame");
  EXPECT_EQ(last.status, GARITA_DEVICE_LOST);
  EXPECT_NE(sentence(last).find("'scanner'"), std::string::npos) << sentence(last);
}

TEST_F(Tcp, stream_that_was_reset_refuses_writes_until_it_is_opened_again) {
  connect();
  peer->reset();
  read(id);
  ASSERT_EQ(last.status, GARITA_DEVICE_LOST);
  EXPECT_EQ(write(id, "hello?").status, GARITA_DEVICE_LOST);
  EXPECT_TRUE(broker->close(id).ok());
  id = open("scanner");
  Peer again = loopback.accept();
  again.send("back");
  EXPECT_EQ(read_all(id, 4), "back");
  EXPECT_EQ(totals("scanner").openings, 2u);
}

TEST_F(Tcp, connection_refused_says_where_nothing_listens) {
  loopback.stop();
  use({{"scanner", loopback.address()}});
  const Answer answer = open_fails("scanner", patient());
  EXPECT_EQ(answer.status, GARITA_DEVICE_LOST);
  EXPECT_NE(sentence(answer).find("Nothing listens at " + loopback.address()), std::string::npos)
      << sentence(answer);
}

TEST_F(Tcp, device_that_appears_after_a_refusal_is_reached_by_the_next_open) {
  const uint16_t port = loopback.port();
  use({{"scanner", "tcp://localhost:" + std::to_string(port)}});
  EXPECT_NE(open("scanner"), 0u);
}

TEST_F(Tcp, open_past_its_deadline_answers_timeout_and_names_the_address) {
  use({{"scanner", loopback.address()}});
  const Answer answer = open_fails("scanner", now);
  if (answer.ok()) GTEST_SKIP() << "SKIPPED, not a pass: the connection stood before anybody looked at the clock";
  EXPECT_EQ(answer.status, GARITA_TIMEOUT);
  EXPECT_NE(sentence(answer).find(loopback.address()), std::string::npos) << sentence(answer);
  EXPECT_NE(open("scanner"), 0u);  // nothing was left behind
}

TEST_F(Tcp, host_that_nobody_knows_is_device_lost_with_its_name) {
  use({{"scanner", "tcp://no-such-host.invalid:7001"}});
  const Answer answer = open_fails("scanner", patient());
  EXPECT_EQ(answer.status, GARITA_DEVICE_LOST);
  EXPECT_NE(sentence(answer).find("no-such-host.invalid"), std::string::npos) << sentence(answer);
}

TEST_F(Tcp, ipv6_address_is_reached) {
  Loopback v6(AF_INET6);
  if (!v6.listening()) GTEST_SKIP() << "this machine has no IPv6 loopback";
  use({{"scanner", v6.address("[::1]")}});
  id = open("scanner");
  v6.accept().send("six");
  EXPECT_EQ(read_all(id, 3), "six");
}

TEST_F(Tcp, write_reaches_the_device) {
  connect();
  EXPECT_TRUE(write(id, "START\n").ok());
  EXPECT_EQ(written, 6u);
  EXPECT_EQ(peer->receive(6), "START\n");
}

TEST_F(Tcp, write_to_a_device_that_does_not_listen_ends_at_the_deadline_with_a_partial_count) {
  connect();
  const std::string much(64 << 20, 'w');
  EXPECT_EQ(write(id, much, soon()).status, GARITA_TIMEOUT);
  EXPECT_GT(written, 0u);
  EXPECT_LT(written, much.size());
  EXPECT_EQ(totals("scanner").written_bytes, written);
}

TEST_F(Tcp, write_goes_on_as_soon_as_the_device_listens_again) {
  connect();
  const std::string much(16 << 20, 'w');
  std::string received;
  std::thread device([&] { received = peer->receive(much.size()); });
  EXPECT_TRUE(write(id, much).ok());
  device.join();
  EXPECT_EQ(received.size(), much.size());
  EXPECT_EQ(written, much.size());
}

TEST_F(Tcp, device_that_sends_without_being_read_is_held_back_in_bounded_memory) {
  Limits limits;
  limits.queued_bytes = 1 << 20;
  connect(limits);
  const std::string piece(1 << 16, 'p');
  size_t sent = 0;
  for (int stalled = 0; stalled < 20;) {  // until it takes no more for a while
    const size_t now_sent = peer->send_without_waiting(piece);
    sent += now_sent;
    stalled = now_sent > 0 ? 0 : stalled + 1;
    if (now_sent == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    ASSERT_LT(sent, size_t{256} << 20);
  }
  // What the host took off the wire: the queue and at most the chunk that filled it.
  EXPECT_LE(totals("scanner").read_bytes, limits.queued_bytes + limits.chunk_bytes);
  EXPECT_EQ(read_all(id, sent).size(), sent);  // and nothing was lost by waiting
}

TEST_F(Tcp, flood_of_tiny_arrivals_is_bounded_too) {
  Limits limits;
  limits.chunk_bytes = 1;
  limits.queued_chunks = 100;
  connect(limits);
  peer->send(std::string(5000, 't'));
  while (totals("scanner").read_bytes < 100) std::this_thread::yield();
  EXPECT_EQ(totals("scanner").read_bytes, 100u);
  EXPECT_EQ(read_all(id, 5000), std::string(5000, 't'));
}

TEST_F(Tcp, totals_are_count_and_hash_of_what_went_each_way) {
  connect();
  peer->send("from the device");
  read_all(id, 15);
  write(id, "to the device");
  const StreamTotals both = totals("scanner");
  EXPECT_EQ(both.read_bytes, 15u);
  EXPECT_EQ(both.read_sha256, hash("from the device"));
  EXPECT_EQ(both.written_bytes, 13u);
  EXPECT_EQ(both.written_sha256, hash("to the device"));
  EXPECT_EQ(both.address, loopback.address());
}

TEST_F(Tcp, totals_go_on_after_they_were_asked) {
  connect();
  peer->send("one ");
  read_all(id, 4);
  EXPECT_EQ(totals("scanner").read_sha256, hash("one "));
  peer->send("two");
  read_all(id, 3);
  EXPECT_EQ(totals("scanner").read_sha256, hash("one two"));
}

TEST_F(Tcp, megabytes_arrive_whole_and_in_order) {
  connect();
  std::string sent(32 << 20, '\0');
  for (size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>((i * 2654435761u) >> 24);
  std::thread device([&] { peer->send(sent); });
  const std::string received = read_all(id, sent.size());
  device.join();
  EXPECT_TRUE(received == sent);
  EXPECT_EQ(totals("scanner").read_sha256, hash(sent));
}

}  // namespace
}  // namespace garita::broker::testing
