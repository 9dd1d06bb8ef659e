// Relays: a library with a socket of its own gets its stream through a pair, counted and recorded as any other.
#include <poll.h>

#include "tests/broker/recordings.hpp"

namespace garita::broker::testing {
namespace {

class Relayed : public BrokerTest {
 protected:
  void begin(const std::string& options = "", Tap* tap = nullptr) {
    use({{"scanner", loopback.address() + options}}, {}, tap);
    library = std::make_unique<Peer>(broker->relay("scanner"));
    device = std::make_unique<Peer>(loopback.accept());
  }
  // Waits until nobody holds the other end of the library's socket any more.
  bool is_hung_up() {
    pollfd state{library->descriptor(), 0, 0};
    return ::poll(&state, 1, 60'000) == 1 && (state.revents & POLLHUP) != 0;
  }

  Loopback loopback;
  std::unique_ptr<Peer> library, device;
};

TEST_F(Relayed, bytes_go_both_ways_and_are_counted) {
  begin();
  library->send("hello");
  EXPECT_EQ(device->receive(5), "hello");
  device->send("scan");
  EXPECT_EQ(library->receive(4), "scan");
  EXPECT_EQ(totals("scanner").written_sha256, hash("hello"));
  EXPECT_EQ(totals("scanner").read_sha256, hash("scan"));
  EXPECT_EQ(totals("scanner").openings, 1u);
}

TEST_F(Relayed, megabytes_go_both_ways_whole) {
  begin();
  const std::string bytes(8 << 20, 'x');
  std::thread sends([&] { device->send(bytes); });
  EXPECT_EQ(hash(library->receive(bytes.size())), hash(bytes));
  sends.join();
  std::thread writes([&] { library->send(bytes); });
  EXPECT_EQ(hash(device->receive(bytes.size())), hash(bytes));
  writes.join();
}

TEST_F(Relayed, end_of_the_device_is_the_end_behind_all_bytes) {
  begin();
  device->send("last");
  device->finish();
  EXPECT_EQ(library->receive(100), "last");
}

TEST_F(Relayed, after_the_end_of_the_device_the_library_may_still_write) {
  begin();
  device->half_close();
  ASSERT_EQ(library->receive(1), "");
  library->send("ack");
  EXPECT_EQ(device->receive(3), "ack");
}

TEST_F(Relayed, loss_of_the_device_ends_the_library_s_connection) {
  begin();
  device->reset();
  EXPECT_TRUE(is_hung_up());
}

TEST_F(Relayed, close_of_the_library_hangs_up_on_the_device) {
  begin();
  library->send("bye");
  library->finish();
  EXPECT_EQ(device->receive(100), "bye");
}

TEST_F(Relayed, device_that_is_not_there_ends_the_connection) {
  use({{"scanner", loopback.address()}});
  loopback.stop();
  library = std::make_unique<Peer>(broker->relay("scanner"));
  EXPECT_TRUE(is_hung_up());
}

TEST_F(Relayed, is_one_at_a_time) {
  begin();
  EXPECT_EQ(broker->relay("scanner"), -1);
  library->finish();
  ASSERT_EQ(device->receive(1), "");
  for (int again = -1; again < 0;) {
    again = broker->relay("scanner");
    if (again >= 0) Peer(again).finish();
  }
}

TEST_F(Relayed, only_what_is_granted_is) {
  use({{"scanner", loopback.address()}, {"inbox", "dir:/tmp"}});
  EXPECT_EQ(broker->relay("other"), -1);
  EXPECT_EQ(broker->relay("inbox"), -1);
}

TEST_F(Relayed, has_its_budget) {
  begin("?max_bytes=10");
  device->send("0123456789abc");
  EXPECT_EQ(library->receive(100), "0123456789");
  EXPECT_TRUE(broker->spent());
}

TEST_F(Relayed, ends_with_the_broker) {
  begin();
  broker.reset();
  EXPECT_EQ(library->receive(1), "");
  EXPECT_EQ(device->receive(1), "");
}

// ---- Recorded and replayed

class RelayedReplay : public ReplayTest {};

TEST_F(RelayedReplay, conversation_keeps_its_order) {
  Recorded(file()).opened("scanner").went("scanner", "GO\n").after(second).came("scanner", "scan 1")
      .went("scanner", "ok\n").after(second).came("scanner", "scan 2").ended("scanner", GARITA_END);
  replay({"scanner"});
  Peer library(broker->relay("scanner"));
  library.send("GO\n");
  EXPECT_EQ(library.receive(6), "scan 1");
  library.send("ok\n");
  EXPECT_EQ(library.receive(100), "scan 2");
  EXPECT_EQ(totals("scanner").written_bytes, 6u);
}

TEST_F(RelayedReplay, library_that_writes_less_than_then_is_not_waited_for_for_ever) {
  Recorded(file()).opened("scanner").went("scanner", "GO\n").came("scanner", "scan").ended("scanner", GARITA_END);
  replay({"scanner"});
  Peer library(broker->relay("scanner"));
  EXPECT_EQ(library.receive(100), "scan");
}

TEST_F(RelayedReplay, second_connection_of_then_answers_the_second_of_now) {
  Recorded(file()).opened("scanner").came("scanner", "one").ended("scanner", GARITA_END).after(second)
      .opened("scanner").came("scanner", "two").ended("scanner", GARITA_END);
  replay({"scanner"});
  {
    Peer library(broker->relay("scanner"));
    EXPECT_EQ(library.receive(100), "one");
  }
  int again = -1;
  while ((again = broker->relay("scanner")) < 0) std::this_thread::yield();
  EXPECT_EQ(Peer(again).receive(100), "two");
}

}  // namespace
}  // namespace garita::broker::testing
