#include "core/freshness/print.hpp"

#include <gtest/gtest.h>

#include "tests/freshness/simulated_lane.hpp"

namespace garita::freshness::testing {
namespace {

ScanPrint sample() {
  Lane lane(Family::bits_12, 5);
  ScanPrint print{.scan_key = "L1-0001",
                  .key_digits = "0123456789abcdef",
                  .root = {},
                  .utc_ns = 1'800'000'000'000'000'000,
                  .planes = {}};
  print.root.fill(7);
  print.planes.push_back(print_of(lane.scan(), lane.traits()));
  return print;
}

std::string refusal(const std::vector<std::byte>& bytes) {
  const auto print = parse_print(bytes);
  return print ? "" : print.error().id;
}

TEST(Print, that_is_written_and_read_is_the_same) {
  const ScanPrint print = sample();
  ASSERT_GT(print.planes[0].marks.size(), 12u);
  const auto again = parse_print(to_bytes(print));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, print);
}

TEST(Print, with_any_bit_turned_is_refused) {
  const std::vector<std::byte> bytes = to_bytes(sample());
  for (size_t at = 0; at < bytes.size(); at += 7) {
    auto changed = bytes;
    changed[at] ^= std::byte{16};
    EXPECT_EQ(refusal(changed), "freshness.bad_print") << at;
  }
}

TEST(Print, cut_at_any_length_is_refused) {
  const std::vector<std::byte> bytes = to_bytes(sample());
  for (size_t size = 0; size < bytes.size(); size += 11)
    EXPECT_EQ(refusal({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}),
              "freshness.bad_print")
        << size;
}

}  // namespace
}  // namespace garita::freshness::testing
