// Lines that come out of order: against the truth of what was sent, and by whom it was overtaken.
#include "drivers/rapiscan/order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace garita::rapiscan {
namespace {

constexpr uint16_t columns = 2;
constexpr uint32_t window = 16, first = 0xFFFFFFF0;  // wraps after 16

struct Given {
  uint64_t row;
  std::vector<std::byte> high, low;
};

class RapiscanOrder : public ::testing::Test {
 protected:
  static std::vector<uint16_t> samples_of(uint64_t row) {
    const auto value = static_cast<uint16_t>(row * 7);
    return {value, static_cast<uint16_t>(value + 1), static_cast<uint16_t>(value + 2),
            static_cast<uint16_t>(value + 3)};
  }

  // Datagram `index` of the scan.
  void put(uint32_t index) {
    const uint64_t row = index / mode_;
    std::vector<uint16_t> samples = samples_of(row);
    Energy energy = Energy::both;
    if (mode_ == 2) {
      energy = index % 2 == 0 ? Energy::high : Energy::low;
      samples.erase(samples.begin() + (energy == Energy::high ? 2 : 0),
                    samples.begin() + (energy == Energy::high ? 4 : 2));
    }
    const auto datagram = encode_line({1, first + index, index, 65536, energy, columns, {}}, samples);
    order_.put(*decode_line(datagram));
    take();
  }

  void take() {
    while (const Assembled* line = order_.front()) {
      given_.push_back({line->row, line->high, line->low});
      order_.pop();
    }
  }

  void end(uint32_t datagrams) {
    order_.expect(datagrams);
    order_.give_up();
    take();
  }

  void begin(uint8_t mode) {
    mode_ = mode;
    given_.clear();
    order_.begin(mode, columns, first);
  }

  // Rising, and each what was sent.
  void expect_true() const {
    for (size_t i = 0; i < given_.size(); ++i) {
      if (i > 0) {
        EXPECT_LT(given_[i - 1].row, given_[i].row);
      }
      std::vector<uint16_t> seen(4);
      to_little_endian(given_[i].high, std::as_writable_bytes(std::span(seen).first(2)));
      to_little_endian(given_[i].low, std::as_writable_bytes(std::span(seen).subspan(2)));
      EXPECT_EQ(seen, samples_of(given_[i].row));
    }
  }

  std::vector<uint64_t> rows() const {
    std::vector<uint64_t> rows;
    for (const Given& each : given_) rows.push_back(each.row);
    return rows;
  }

  Order order_{window};
  uint8_t mode_ = 1;
  std::vector<Given> given_;
};

TEST_F(RapiscanOrder, lines_in_order_are_given_at_once_over_the_counters_wrap) {
  begin(1);
  for (uint32_t i = 0; i < 40; ++i) {
    put(i);
    EXPECT_EQ(given_.size(), i + 1u);
  }
  end(40);
  expect_true();
  EXPECT_TRUE(order_.complete());
}

TEST_F(RapiscanOrder, a_line_that_was_overtaken_is_put_right) {
  begin(1);
  for (const uint32_t i : {0u, 2u, 3u, 1u, 4u}) put(i);
  EXPECT_EQ(rows(), (std::vector<uint64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(order_.counts().put_right, 1u);
}

TEST_F(RapiscanOrder, a_lost_line_is_given_up_after_a_window_and_no_sooner) {
  begin(1);
  put(0);
  for (uint32_t i = 2; i < 1 + window; ++i) put(i);
  EXPECT_EQ(given_.size(), 1u);
  put(1 + window);
  EXPECT_EQ(given_.size(), 1u + window);
  put(1);
  EXPECT_EQ(order_.counts().late, 1u);
  expect_true();
}

TEST_F(RapiscanOrder, a_doubled_line_is_given_once) {
  begin(1);
  for (const uint32_t i : {0u, 0u, 2u, 2u, 1u, 1u}) put(i);
  EXPECT_EQ(rows(), (std::vector<uint64_t>{0, 1, 2}));
  EXPECT_EQ(order_.counts().doubled, 3u);
}

TEST_F(RapiscanOrder, a_great_gap_costs_no_time_and_no_line_behind_it) {
  begin(1);
  put(0);
  put(900'000);
  put(900'001);
  EXPECT_EQ(given_.size(), 1u);
  end(900'002);
  EXPECT_EQ(rows(), (std::vector<uint64_t>{0, 900'000, 900'001}));
}

TEST_F(RapiscanOrder, what_does_not_belong_is_damaged) {
  begin(1);
  order_.put({1, first, 0, 65536, Energy::high, columns, {}});
  order_.put({1, first, 0, 65536, Energy::both, columns + 1, {}});
  order_.put({1, first - 1, 0, 65536, Energy::both, columns, {}});
  EXPECT_EQ(order_.counts().damaged, 3u);
  EXPECT_EQ(order_.front(), nullptr);
}

TEST_F(RapiscanOrder, two_energies_in_turn_make_a_line_and_one_alone_does_not) {
  begin(2);
  for (const uint32_t i : {1u, 0u, 2u, 4u, 5u}) put(i);
  end(6);
  EXPECT_EQ(rows(), (std::vector<uint64_t>{0, 2}));
  EXPECT_EQ(order_.counts().halved, 1u);
  expect_true();
}

TEST_F(RapiscanOrder, more_lines_than_were_sent_are_an_overrun) {
  begin(1);
  put(0), put(1);
  end(1);
  EXPECT_TRUE(order_.overrun());
}

// Lost, doubled and delayed at random: what came within the window stands in its place, what did not is a
// gap, and nothing else is there.
TEST_F(RapiscanOrder, whatever_happens_on_the_way_what_comes_in_time_is_placed_right) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  const auto chance = [&](double share) { return std::uniform_real_distribution<>(0, 1)(random) < share; };
  for (int round = 0; round < 200; ++round) {
    begin(static_cast<uint8_t>(1 + round % 2));
    const uint32_t datagrams = 2 * (20 + random() % 150);
    std::vector<std::pair<double, uint32_t>> on_the_way;  // by arrival
    std::vector<bool> came(datagrams), in_time(datagrams);
    for (uint32_t i = 0; i < datagrams; ++i) {
      if (chance(0.08)) continue;
      const bool far = chance(0.03);
      const double delay = far ? 3.0 * window * mode_ : chance(0.2) ? random() % (window * mode_ / 2) : 0;
      came[i] = true;
      in_time[i] = !far;
      on_the_way.emplace_back(i + delay + 0.1, i);
      if (chance(0.08)) on_the_way.emplace_back(i + delay + 0.2 + random() % 40, i);
    }
    std::sort(on_the_way.begin(), on_the_way.end());
    for (const auto& [when, index] : on_the_way) put(index);
    end(datagrams);
    expect_true();
    const std::vector<uint64_t> have = rows();
    for (uint64_t row = 0; row < datagrams / mode_; ++row) {
      bool all_came = true, all_in_time = true;
      for (uint64_t i = row * mode_; i < (row + 1) * mode_; ++i) {
        all_came = all_came && came[i];
        all_in_time = all_in_time && in_time[i];
      }
      const bool there = std::binary_search(have.begin(), have.end(), row);
      EXPECT_FALSE(there && !all_came) << "seed " << seed << " round " << round << " row " << row;
      EXPECT_FALSE(!there && all_came && all_in_time)
          << "seed " << seed << " round " << round << " row " << row;
    }
  }
}

}  // namespace
}  // namespace garita::rapiscan
