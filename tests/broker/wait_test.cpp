#include "tests/broker/broker_fixture.hpp"

namespace garita::broker::testing {
namespace {

// Two streams of one device: pixels and metadata.
class Wait : public BrokerTest {
 protected:
  void SetUp() override {
    use({{"a", loopback_a.address()}, {"b", loopback_b.address()}});
    a = open("a");
    peer_a = std::make_unique<Peer>(loopback_a.accept());
    b = open("b");
    peer_b = std::make_unique<Peer>(loopback_b.accept());
  }

  Loopback loopback_a, loopback_b;
  std::unique_ptr<Peer> peer_a, peer_b;
  uint32_t a = 0, b = 0;
};

TEST_F(Wait, with_nothing_there_answers_timeout_and_no_bits) {
  EXPECT_EQ(wait({a, b}, soon()), GARITA_TIMEOUT);
  EXPECT_EQ(ready, 0u);
  EXPECT_EQ(oldest, (std::vector<uint64_t>{0, 0}));
}

TEST_F(Wait, marks_the_stream_that_has_bytes) {
  peer_b->send("x");
  EXPECT_EQ(wait({a, b}, patient()), GARITA_OK);
  EXPECT_EQ(ready, 0b10u);
  EXPECT_EQ(oldest[0], 0u);
  EXPECT_GT(oldest[1], 0u);
}

TEST_F(Wait, tells_in_which_order_the_streams_came) {
  for (int round = 0; round < 40; ++round) {
    const bool b_first = round % 3 == 0;
    (b_first ? peer_b : peer_a)->send("1");
    ASSERT_EQ(wait({b_first ? b : a}, patient()), GARITA_OK);
    (b_first ? peer_a : peer_b)->send("2");
    ASSERT_EQ(wait({b_first ? a : b}, patient()), GARITA_OK);
    ASSERT_EQ(wait({a, b}, now), GARITA_OK);
    ASSERT_EQ(ready, 0b11u);
    EXPECT_EQ(oldest[1] < oldest[0], b_first) << "round " << round;
    read(a), read(b);
  }
}

TEST_F(Wait, keeps_the_arrival_of_the_oldest_byte_until_it_is_read) {
  peer_a->send("early");
  ASSERT_EQ(wait({a}, patient()), GARITA_OK);
  const uint64_t first_ns = oldest[0];
  peer_a->send("late");
  read(a, 2);
  ASSERT_EQ(wait({a}, patient()), GARITA_OK);
  EXPECT_EQ(oldest[0], first_ns);
}

TEST_F(Wait, is_ended_by_fin) {
  peer_a->finish();
  EXPECT_EQ(wait({a, b}, patient()), GARITA_OK);
  EXPECT_EQ(ready, 0b01u);
  EXPECT_GT(oldest[0], 0u);
}

TEST_F(Wait, is_ended_by_a_reset) {
  peer_b->reset();
  EXPECT_EQ(wait({a, b}, patient()), GARITA_OK);
  EXPECT_EQ(ready, 0b10u);
}

TEST_F(Wait, is_woken_by_bytes_that_come_while_it_waits) {
  std::thread device([&] { peer_a->send("now"); });
  EXPECT_EQ(wait({a, b}, patient()), GARITA_OK);
  device.join();
  EXPECT_EQ(ready, 0b01u);
}

TEST_F(Wait, on_a_closed_stream_answers_stale_handle) {
  broker->close(a);
  EXPECT_EQ(wait({a, b}, now), GARITA_STALE_HANDLE);
  EXPECT_EQ(wait({12345}, now), GARITA_STALE_HANDLE);
}

TEST_F(Wait, on_none_or_too_many_answers_invalid_argument) {
  EXPECT_EQ(wait({}, now), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(wait(std::vector<uint32_t>(65, a), now), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(wait(std::vector<uint32_t>(64, a), now), GARITA_TIMEOUT);
}

TEST_F(Wait, takes_results_without_arrivals) {
  peer_a->send("x");
  const uint32_t ids[] = {a};
  EXPECT_TRUE(broker->wait(ids, patient(), ready, {}).ok());
  EXPECT_EQ(ready, 1u);
}

// ---- cancel
// --------------------------------------------------------------------------------------------------------

TEST_F(Wait, is_cancelled_from_another_thread) {
  std::thread operator_thread([&] { broker->raise_cancel(); });
  EXPECT_EQ(wait({a, b}, patient()), GARITA_CANCELLED);
  operator_thread.join();
}

TEST_F(Wait, read_that_waits_is_cancelled_from_another_thread) {
  std::thread operator_thread([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    broker->raise_cancel();
  });
  read(a);
  operator_thread.join();
  EXPECT_EQ(last.status, GARITA_CANCELLED);
}

TEST_F(Wait, write_that_waits_is_cancelled_and_counts_what_went_out) {
  const std::string much(64 << 20, 'w');
  std::thread operator_thread([&] {
    while (totals("a").written_bytes == 0) std::this_thread::yield();
    broker->raise_cancel();
  });
  EXPECT_EQ(write(a, much).status, GARITA_CANCELLED);
  operator_thread.join();
  EXPECT_GT(written, 0u);
  EXPECT_LT(written, much.size());
}

TEST_F(Wait, every_call_answers_cancelled_until_it_is_lowered_and_then_nothing_is_lost) {
  peer_a->send("kept");
  ASSERT_EQ(wait({a}, patient()), GARITA_OK);
  broker->raise_cancel();
  EXPECT_EQ(wait({a}, patient()), GARITA_CANCELLED);
  read(a);
  EXPECT_EQ(last.status, GARITA_CANCELLED);
  EXPECT_EQ(write(a, "x").status, GARITA_CANCELLED);
  broker->lower_cancel();
  EXPECT_EQ(read_all(a, 4), "kept");
}

TEST_F(Wait, open_answers_cancelled_while_it_is_raised) {
  broker->close(a);
  broker->raise_cancel();
  EXPECT_EQ(open_fails("a", patient()).status, GARITA_CANCELLED);
  broker->lower_cancel();
  EXPECT_NE(open("a"), 0u);
}

TEST_F(Wait, close_works_while_cancel_is_raised) {
  broker->raise_cancel();
  EXPECT_TRUE(broker->close(a).ok());
}

}  // namespace
}  // namespace garita::broker::testing
