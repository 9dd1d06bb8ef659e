#include "tests/sdk/scripted_driver.hpp"

namespace garita::test {
namespace {

class LineScans : public ScriptedDriver {
 protected:
  // Adds `count` rows, whose every sample of channel c is row number * 10 + c, one a step, then ends the
  // scan.
  void play(uint32_t columns, uint32_t channels, uint64_t count,
            std::function<RowFacts(uint64_t)> facts = {}) {
    Scripted& device = opened();
    auto begun = std::make_shared<bool>(false);
    device.step = [=, &device] {
      if (!std::exchange(*begun, true)) return device.lines.begin(scan(columns, channels));
      if (!device.in_scan()) throw Stop{GARITA_TIMEOUT};
      const uint64_t number = device.lines.rows();
      if (number == count) return device.lines.end();
      const Row row = device.lines.row();
      for (uint32_t channel = 0; channel < channels; ++channel)
        for (uint16_t& sample : row.channel<uint16_t>(channel))
          sample = static_cast<uint16_t>(number * 10 + channel);
      device.lines.add(row, facts ? facts(number) : RowFacts{});
    };
  }

  struct Got {
    uint32_t channel;
    uint64_t first_row;
    uint32_t rows;
  };
  // Runs to the scan's end and gives the strips back as a host does; checks every sample on the way.
  std::vector<Got> strips() {
    std::vector<Got> got;
    for (garita_status status; (status = next()) == GARITA_OK || status == GARITA_WORKING;) {
      if (status == GARITA_OK && event_.kind == GARITA_EVENT_SCAN_END) break;
      if (status == GARITA_WORKING || event_.kind != GARITA_EVENT_STRIP) continue;
      const auto& strip = body<garita_strip>();
      got.push_back({strip.channel, strip.first_row, strip.rows});
      for (uint32_t row = 0; row < strip.rows; ++row) {
        const auto* samples = reinterpret_cast<const uint16_t*>(host.strips.at(strip.strip).data() +
                                                                row * strip.row_stride_bytes);
        EXPECT_EQ(samples[strip.row_stride_bytes / 2 - 1],
                  static_cast<uint16_t>((strip.first_row + row) * 10 + strip.channel));
      }
      host.strips.erase(strip.strip);
    }
    return got;
  }
};

TEST_F(LineScans, rows_are_cut_into_strips_of_every_channel_and_the_rest_comes_at_the_end) {
  host.limits().max_strip_bytes = 3 * 4 * 2;  // three rows of four columns
  play(4, 2, 7);
  const std::vector<Got> got = strips();
  ASSERT_EQ(got.size(), 6u);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].channel, i % 2);
    EXPECT_EQ(got[i].first_row, i / 2 * 3);
    EXPECT_EQ(got[i].rows, i < 4 ? 3u : 1u);
  }
  ASSERT_EQ(event_.kind, GARITA_EVENT_SCAN_END);
  const auto* totals = static_cast<const garita_total*>(body<garita_scan_end>().totals.data);
  EXPECT_EQ(totals[0].rows, 7u);
  EXPECT_EQ(totals[1].rows, 7u);
}

TEST_F(LineScans, scan_that_ends_on_a_full_strip_has_no_empty_one) {
  host.limits().max_strip_bytes = 3 * 4 * 2;
  play(4, 1, 6);
  EXPECT_EQ(strips().size(), 2u);
  EXPECT_EQ(host.strips.size(), 0u);
}

TEST_F(LineScans, strips_of_two_channels_never_run_further_apart_than_the_rules_allow) {
  play(1, 2, 3000);
  for (const Got& each : strips()) EXPECT_LE(each.rows, GARITA_MAX_CHANNEL_SKEW);
}

TEST_F(LineScans, strip_never_has_more_rows_than_the_rules_allow) {
  play(1, 1, 20000);
  const std::vector<Got> got = strips();
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].rows, 16384u);
  EXPECT_EQ(got[1].rows, 20000u - 16384u);
}

TEST_F(LineScans, row_takes_all_its_strips_or_none_and_no_row_is_lost_meanwhile) {
  host.limits().max_strip_bytes = 4 * 2;
  host.free_strips = 1;  // of two
  play(4, 2, 3);
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  EXPECT_EQ(host.strips.size(), 0u);
  host.free_strips = 2;  // enough for one row at a time, as long as the host gives them back
  EXPECT_EQ(strips().size(), 6u);
}

TEST_F(LineScans, arrays_are_there_where_the_first_row_has_them) {
  play(2, 1, 3, [](uint64_t row) {
    return RowFacts{.line_index = 100 + row * 2,
                    .time_utc_ns = static_cast<int64_t>(row) * 1000,
                    .position_um = -5,
                    .dose_q16 = GARITA_DOSE_ONE};
  });
  next();
  ASSERT_EQ(next(), GARITA_OK);
  const auto& strip = body<garita_strip>();
  ASSERT_EQ(strip.rows, 3u);
  EXPECT_EQ(strip.line_index[2], 104u);
  EXPECT_EQ(strip.time_utc_ns[1], 1000);
  EXPECT_EQ(strip.position_um[0], -5);
  EXPECT_EQ(strip.dose_q16[2], GARITA_DOSE_ONE);
  EXPECT_EQ(strip.time.source, GARITA_TIME_DEVICE);
}

TEST_F(LineScans, arrays_are_null_where_the_device_says_nothing) {
  play(2, 1, 1);
  next();
  ASSERT_EQ(next(), GARITA_OK);
  const auto& strip = body<garita_strip>();
  EXPECT_EQ(strip.line_index, nullptr);
  EXPECT_EQ(strip.time_utc_ns, nullptr);
  EXPECT_EQ(strip.position_um, nullptr);
  EXPECT_EQ(strip.dose_q16, nullptr);
}

TEST_F(LineScans, facts_that_come_and_go_are_the_drivers_fault) {
  play(2, 1, 3, [](uint64_t row) { return row == 1 ? RowFacts{} : RowFacts{.dose_q16 = 1}; });
  next();
  EXPECT_EQ(next(), GARITA_DRIVER_FAULT);
}

TEST_F(LineScans, line_that_does_not_count_upwards_ends_the_scan_with_the_good_rows) {
  play(2, 1, 9, [](uint64_t row) { return RowFacts{.line_index = row < 3 ? row : 2}; });
  next();
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(body<garita_strip>().rows, 3u);
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(view(body<garita_scan_end>().reason), "line 2 came after line 2");
}

TEST_F(LineScans, row_outside_a_scan_is_the_drivers_fault) {
  Scripted& device = opened();
  device.step = [&device] { device.lines.row(); };
  EXPECT_EQ(next(), GARITA_WRONG_STATE);
}

TEST_F(LineScans, row_wider_than_any_strip_is_refused_by_name) {
  host.limits().max_strip_bytes = 6;
  play(4, 1, 1);
  EXPECT_EQ(next(), GARITA_OK);  // the begin was emitted before
  EXPECT_EQ(next(), GARITA_INVALID_ARGUMENT);
  EXPECT_NE(std::string(error_.message).find("view 'side'"), std::string::npos);
}

TEST_F(LineScans, second_scan_counts_its_rows_from_zero) {
  Scripted& device = opened();
  const auto begin = [&device] { device.lines.begin(scan(2, 1)); };
  const auto row = [&device] { device.lines.add(device.lines.row()); };
  const auto end = [&device] { device.lines.end(); };
  device.step = steps({begin, row, end, begin, row, end});
  for (int i = 0; i < 5; ++i) ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(event_.kind, GARITA_EVENT_STRIP);
  EXPECT_EQ(body<garita_strip>().first_row, 0u);
}

TEST_F(LineScans, strips_are_not_taken_while_an_end_waits_that_would_take_them_back) {
  Scripted& device = opened();
  int tries = 0;
  device.step = [&] {
    if (tries++ == 0) {
      device.emit(scan(2, 1));
      device.emit(ScanEnd{});
    }
    device.strips(64, 1);
    throw Stop{GARITA_TIMEOUT};
  };
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(host.strips.size(), 0u);
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  EXPECT_EQ(host.discarded, 1);
  EXPECT_EQ(host.stale_discards, 0);
}

// ---- split and counters

TEST(Split, parts_interleaved_pixels_of_both_byte_orders) {
  std::vector<std::byte> a(4), b(4);
  const Row row({std::span(a), std::span(b)});
  const uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 7, 8};
  split<uint16_t>(std::as_bytes(std::span(pixels)), row);
  EXPECT_EQ(row.channel<uint16_t>(0)[1], 0x0605);
  EXPECT_EQ(row.channel<uint16_t>(1)[0], 0x0403);
  split<uint16_t>(std::as_bytes(std::span(pixels)), row, std::endian::big);
  EXPECT_EQ(row.channel<uint16_t>(1)[1], 0x0708);
}

TEST(Split, refuses_a_line_of_any_other_size) {
  std::vector<std::byte> plane(4);
  const Row row({std::span(plane)});
  for (size_t size : {0, 2, 3, 5, 8})
    EXPECT_THROW(split<uint16_t>(std::vector<std::byte>(size), row), Stop) << size;
}

TEST(Unwrapped, goes_on_counting_over_the_edge_and_back) {
  Unwrapped<uint8_t> line;
  EXPECT_EQ(line(250), 250u);
  EXPECT_EQ(line(255), 255u);
  EXPECT_EQ(line(3), 259u);
  EXPECT_EQ(line(1), 257u);
  EXPECT_EQ(line(120), 376u);
}

}  // namespace
}  // namespace garita::test
