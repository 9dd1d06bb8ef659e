// Whatever happens on the wire: a scan that ends COMPLETE has exactly the counts that were sent, and the scan
// after the damage is whole.
#include "drivers/nuctech/tests/fixture.hpp"

namespace garita::nuctech {
namespace {

class Damage : public Driver {
 protected:
  void SetUp() override {
    Driver::SetUp();
    wire.greeting();
    greeting_bytes = wire.bytes().size();
    wire.scan("k1");
    first_bytes = wire.bytes().size();
    wire.scan("k2");
  }

  // No record is wrong, and nothing but what a damaged stream deserves was answered.
  void expect_nothing_wrong(size_t at) const {
    for (const Scan& scan : scans) {
      ASSERT_TRUE(scan.ended) << at;
      ASSERT_TRUE(!scan.complete() || scan.is_whole()) << at;
    }
    for (const garita_status status : statuses)
      ASSERT_TRUE(status == GARITA_END || status == GARITA_DATA_CORRUPT || status == GARITA_PROTOCOL_ERROR ||
                  status == GARITA_DATA_TRUNCATED || status == GARITA_DEVICE_LOST)
          << at << " " << status;
  }
  bool second_is_whole() const {
    return !scans.empty() && scans.back().begin.key == "k2" && scans.back().complete() &&
           scans.back().is_whole();
  }
  garita_status last_status_of(const std::function<void(Wire&)>& write) {
    Wire own;
    write(own);
    run(own);
    return statuses.empty() ? GARITA_OK : statuses.back();
  }

  Wire wire;
  size_t greeting_bytes = 0, first_bytes = 0;
};

TEST_F(Damage, any_flipped_byte_costs_at_most_its_own_scan) {
  const std::string good = wire.bytes();
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    run(bad);
    expect_nothing_wrong(at);
    if (at >= greeting_bytes && at < first_bytes) {
      ASSERT_TRUE(second_is_whole()) << at;
    }
    if (at >= first_bytes) {
      ASSERT_TRUE(!scans.empty() && scans.front().complete()) << at;
    }
  }
}

TEST_F(Damage, a_stream_cut_at_any_byte_never_gives_a_scan_that_reads_as_whole) {
  const std::string good = wire.bytes();
  for (size_t size = 0; size < good.size(); ++size) {
    run(good.substr(0, size));
    expect_nothing_wrong(size);
    for (const Scan& scan : scans)
      ASSERT_EQ(scan.complete(), size >= first_bytes && scan.begin.key == "k1") << size;
    ASSERT_TRUE(saw(GARITA_END) || saw(GARITA_DEVICE_LOST)) << size;
    ASSERT_EQ(saw(GARITA_DEVICE_LOST), !scans.empty() && !scans.back().complete()) << size;
  }
}

TEST_F(Damage, a_connection_that_ends_at_any_message_is_made_good_by_the_next_one) {
  Wire again;
  again.greeting(), again.scan("k1");
  for (size_t kept = 0; kept < wire.frames.size(); ++kept) {
    Wire cut = wire;
    cut.frames.resize(kept);
    run(cut);
    expect_nothing_wrong(kept);
    run(again);
    ASSERT_TRUE(scans.size() == 1 && scans[0].complete() && scans[0].is_whole()) << kept;
  }
}

TEST_F(Damage, any_lost_message_makes_its_scan_a_fault_or_is_not_of_a_scan) {
  for (size_t at = 1; at < wire.frames.size(); ++at) {
    Wire lossy = wire;
    lossy.frames.erase(lossy.frames.begin() + static_cast<std::ptrdiff_t>(at));
    run(lossy);
    expect_nothing_wrong(at);
    const auto complete =
        std::count_if(scans.begin(), scans.end(), [](const Scan& s) { return s.complete(); });
    const bool calibration = at == 1 || at == 8;  // what is not of a scan: told, and asked for again
    ASSERT_EQ(complete, calibration ? 2 : 1) << at;
  }
}

TEST_F(Damage, any_message_that_comes_twice_does_no_harm_beyond_its_scan) {
  for (size_t at = 1; at < wire.frames.size(); ++at) {
    Wire stuttering = wire;
    stuttering.frames.insert(stuttering.frames.begin() + static_cast<std::ptrdiff_t>(at), wire.frames[at]);
    run(stuttering);
    expect_nothing_wrong(at);
    if (at < 8 && !saw(GARITA_PROTOCOL_ERROR)) {
      ASSERT_TRUE(second_is_whole()) << at;
    }
  }
}

TEST_F(Damage, any_two_messages_in_the_wrong_order_never_give_a_wrong_record) {
  for (size_t at = 0; at + 1 < wire.frames.size(); ++at) {
    Wire swapped = wire;
    std::swap(swapped.frames[at], swapped.frames[at + 1]);
    run(swapped);
    expect_nothing_wrong(at);
  }
}

TEST_F(Damage, a_length_that_is_wrong_in_a_head_that_is_right_costs_at_most_its_own_scan) {
  for (size_t at = 1; at < 8; ++at) {
    for (const int by : {-16, -4, 4, 100, 1'000'000}) {
      Wire lying = wire;
      std::string& frame = lying.frames[at];
      uint32_t length = 0;
      std::memcpy(&length, frame.data(), 4);
      length = static_cast<uint32_t>(static_cast<int64_t>(length) + by);
      std::memcpy(frame.data(), &length, 4);
      const uint32_t sum = crc32c(std::as_bytes(std::span(frame)).first(12));
      std::memcpy(frame.data() + 12, &sum, 4);
      run(lying);
      expect_nothing_wrong(at);
      if (by < 100 && at < 7) {
        ASSERT_TRUE(second_is_whole()) << at << " " << by;
      }
    }
  }
}

TEST_F(Damage, foreign_bytes_between_messages_are_found_out_and_passed_over) {
  for (const char filler : {'\0', '\x14', '\xFF'}) {
    Wire noisy = wire;
    noisy.frames.insert(noisy.frames.begin() + 4, std::string(1000, filler));
    run(noisy);
    expect_nothing_wrong(0);
    EXPECT_FALSE(scans.at(0).complete());
    EXPECT_TRUE(second_is_whole());
  }
}

TEST_F(Damage, damage_outside_a_scan_is_said_once) {
  wire.frames[1][20] ^= 1;
  run(wire);
  EXPECT_EQ(statuses, (std::vector<garita_status>{GARITA_DATA_CORRUPT, GARITA_END}));
}

TEST_F(Damage, messages_that_the_protocol_does_not_have_here_are_protocol_errors) {
  EXPECT_EQ(last_status_of([](Wire& w) { w.begin("k"); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(last_status_of([](Wire& w) { w.greeting(), w.greeting(); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(last_status_of([](Wire& w) { w.greeting(), w.block(0); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(last_status_of([](Wire& w) { w.greeting(), w.verdict(); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(last_status_of([](Wire& w) { w.greeting(), w.end(0); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(last_status_of([](Wire& w) { w.greeting(), w.add(Start{}); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(last_status_of([](Wire& w) { w.greeting(), w.add(Go{}); }), GARITA_PROTOCOL_ERROR);
}

TEST_F(Damage, a_block_of_another_width_ends_the_scan_as_a_fault_and_is_a_protocol_error) {
  Wire own;
  const std::vector<uint16_t> raw(2 * (columns + 1));
  own.greeting(), own.begin("k1"), own.add(Block{0, 2, 1, 1, {1, 1}, std::as_bytes(std::span(raw))});
  run(own);
  EXPECT_EQ(scans.at(0).end.outcome, GARITA_SCAN_FAULT);
  EXPECT_TRUE(saw(GARITA_PROTOCOL_ERROR));
}

TEST_F(Damage, pulses_that_come_twice_are_left_out_and_said) {
  Wire own;
  own.greeting(), own.begin("k1"), own.block(4), own.block(4), own.block(0), own.block(8), own.end(8);
  run(own);
  EXPECT_EQ(scans.at(0).line_index[0], (std::vector<uint64_t>{2, 3, 4, 5}));
  EXPECT_EQ(scans[0].end.outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans[0].end.code, GARITA_DATA_CORRUPT);
}

TEST_F(Damage, a_portal_that_counts_other_pulses_than_came_makes_the_scan_a_fault) {
  Wire own;
  own.greeting(), own.begin("k1"), own.block(0), own.end(6);
  run(own);
  EXPECT_EQ(scans.at(0).end.outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans[0].end.code, GARITA_DATA_CORRUPT);
}

TEST_F(Damage, a_scan_that_the_wire_spoiled_is_not_acknowledged_so_that_it_comes_again) {
  Wire own;
  own.greeting(), own.begin("k1"), own.block(0), own.end(6), own.begin("k2"), own.end(0);
  connect(own.bytes(), false);
  pump([&] { return scans.size() == 2 && scans[1].ended; });
  session->stored("k1", GARITA_STORED_DURABLE, far);
  session->stored("k2", GARITA_STORED_DURABLE, far);
  const auto all = written();
  ASSERT_GE(all.size(), 2u);
  EXPECT_EQ(std::get<Stored>(all[all.size() - 2]).outcome, GARITA_STORED_NOT);
  EXPECT_EQ(std::get<Stored>(all.back()).outcome, GARITA_STORED_DURABLE);
}

TEST_F(Damage, a_scan_without_an_end_is_a_fault_and_the_next_is_whole) {
  wire.frames.erase(wire.frames.begin() + 7);
  run(wire);
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[0].end.outcome, GARITA_SCAN_FAULT);
  EXPECT_TRUE(second_is_whole());
}

}  // namespace
}  // namespace garita::nuctech
