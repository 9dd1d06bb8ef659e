// A driver that reads its stream goes on while its host is at work on the strip before.
#include <chrono>
#include <thread>

#include "core/isolate/second_hand.hpp"
#include "tests/isolate/workers.hpp"

namespace garita::isolate {
namespace {

using testing::in_ms;

TEST(SecondHand, does_each_thing_before_who_waits_for_it_goes_on) {
  SecondHand hand;
  int done = 0;
  for (int i = 1; i <= 200; ++i) {
    ASSERT_TRUE(hand.begin([&] { ++done; }));
    hand.wait();
    EXPECT_EQ(done, i);
  }
}

TEST(SecondHand, ends_with_its_owner_when_nothing_was_begun_and_when_it_was_not_waited_for) {
  int done = 0;
  { const SecondHand idle; }
  {
    SecondHand hand;
    hand.wait();
    ASSERT_TRUE(hand.begin([&] { ++done; }));
  }
  EXPECT_EQ(done, 1);
}

class ReadAhead : public ::testing::Test {
 protected:
  static constexpr uint16_t columns = 512, strip_rows = 1024, rows = 4 * strip_rows;  // strips of 1 MiB

  void SetUp() override {
    services_.streams["scanner"].ends = false;
    services_.configuration["pitch_um"] = {GARITA_VALUE_I64, 5000, 0, ""};
    auto session = open_isolated(testing::manifest_of("drivers", "minimal_cpp"), services_, "minimal", "", in_ms(5000));
    ASSERT_TRUE(session.ok()) << base::render(session.error(), base::Language::en);
    session_ = std::move(*session);
    const uint16_t header[] = {0x4D47, 0x4E49, columns, rows};  // "GMIN"
    push(std::string(reinterpret_cast<const char*>(header), sizeof header) + row('\1') + row('\x7f'));
  }

  static std::string row(char value) { return std::string(columns * 2, value); }
  void push(const std::string& bytes) { services_.push("scanner", bytes); }
  void push_strip() {
    for (int i = 0; i < strip_rows; ++i) push(row('\x40'));
  }
  // From the second strip in a row on, the next one is asked for ahead.
  void stream() {
    for (int i = 0; i < 2; ++i) {
      push_strip();
      ASSERT_EQ(strip(), strip_rows);
    }
  }
  // The next strip; dark, air and the scan's begin come before the first.
  uint32_t strip() {
    for (int i = 0; i < 8; ++i)
      if (const load::Next got = session_->next(in_ms(5000)); const auto* found = std::get_if<image::Strip>(&got.event))
        return found->rows;
    return 0;
  }
  bool drained() {
    for (const uint64_t until_ns = in_ms(5000); in_ms(0) < until_ns; std::this_thread::sleep_for(std::chrono::milliseconds(1)))
      if (services_.unread("scanner") == 0) return true;
    return false;
  }

  load::testing::MemoryServices services_;
  std::unique_ptr<load::Session> session_;
};

TEST_F(ReadAhead, driver_reads_on_while_nobody_calls_next) {
  stream();
  push(row('\x41') + row('\x41'));
  EXPECT_TRUE(drained());
}

TEST_F(ReadAhead, what_came_meanwhile_is_delivered_whole_and_in_order) {
  stream();
  push_strip();
  session_->catch_up();
  EXPECT_EQ(strip(), strip_rows);
  push_strip();
  EXPECT_EQ(strip(), strip_rows);
  EXPECT_TRUE(std::holds_alternative<image::ScanEnd>(session_->next(in_ms(5000)).event));
}

TEST_F(ReadAhead, cancel_finds_the_driver_that_reads_ahead) {
  stream();
  session_->cancel();
  EXPECT_EQ(session_->next(in_ms(5000)).status, GARITA_CANCELLED);
}

TEST_F(ReadAhead, close_waits_for_it_and_the_session_is_closed) {
  stream();
  EXPECT_TRUE(session_->close(in_ms(5000)).ok());
  EXPECT_EQ(session_->next(in_ms(10)).status, GARITA_WRONG_STATE);
}

}  // namespace
}  // namespace garita::isolate
