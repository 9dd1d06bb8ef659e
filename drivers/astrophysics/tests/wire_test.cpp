// The cabinet's wire: what is put together comes apart again, and what is not of the protocol is refused.
#include "drivers/astrophysics/wire.hpp"

#include <gtest/gtest.h>

#include "drivers/astrophysics/lines.hpp"

namespace garita::astrophysics {
namespace {

std::vector<std::byte> framed(const Message& message) {
  FrameWriter writer;
  std::vector<std::byte> bytes;
  encode(writer, message, bytes);
  return bytes;
}

template <typename T>
T back(const T& message) {
  const std::vector<std::byte> bytes = framed(message);
  const Cut cut = cut_frame(bytes);
  EXPECT_EQ(cut.kind, Cut::Kind::frame);
  EXPECT_EQ(cut.size_bytes, bytes.size());
  Decoded decoded = decode(cut.frame);
  EXPECT_EQ(decoded.status, GARITA_OK) << decoded.why;
  return std::get<T>(decoded.message);
}

Identity two_views() {
  Identity identity{.model = "SC-100 cabinet", .serial = "S1", .firmware = "f"};
  identity.views.resize(2);
  identity.views[0].columns = 3;
  identity.views[0].low_kv = 80;
  identity.views[0].operator_channel = true;
  identity.views[1].columns = 5;
  identity.views[1].scale = Scale::attenuation;
  identity.views[1].slope = 0.0025;
  identity.views[1].angle_deg10 = -900;
  return identity;
}

TEST(CabinetWire, an_identity_comes_back_with_its_views) {
  const Identity identity = back(two_views());
  ASSERT_EQ(identity.views.size(), 2u);
  EXPECT_EQ(identity.model, "SC-100 cabinet");
  EXPECT_EQ(identity.views[0].energies(), 2u);
  EXPECT_EQ(identity.views[0].line_bytes(), 9u + 3u);
  EXPECT_EQ(identity.views[1].line_bytes(), 8u);  // 5 samples of 12 bits
  EXPECT_EQ(identity.views[1].scale, Scale::attenuation);
  EXPECT_EQ(identity.views[1].slope, 0.0025);
}

TEST(CabinetWire, the_other_messages_come_back) {
  EXPECT_EQ(back(Clock{-5, unknown_us}).offset_us, unknown_us);
  EXPECT_EQ(back(State{4, 7, "door"}).message, "door");
  EXPECT_EQ(back(Belt{Motion::reverse, 9}).motion, Motion::reverse);
  EXPECT_EQ(back(Bag{"k1", 8, Subject::cargo, "TAG=0123456789"}).papers, "TAG=0123456789");
  EXPECT_EQ(back(Found{1, 0x41, 55, "x", {{1, 2}, {3, 4}, {5, 6}}}).points[2].line, 6u);
  EXPECT_EQ(back(BagEnd{3, 4, {10, 11}, "why"}).lines[1], 11u);
  EXPECT_EQ(back(Alive{77}).device_us, 77);
  EXPECT_EQ(back(astrophysics::Run{}).protocol, protocol_version);
  EXPECT_EQ(back(Done{2, "k1"}).outcome, 2);
}

TEST(CabinetWire, twelve_bits_are_packed_two_in_three_bytes_and_come_back_from_anywhere) {
  const std::vector<uint16_t> samples = {0x123, 0xFED, 0, 4095, 0x801};
  std::vector<std::byte> packed;
  pack(samples, packed);
  ASSERT_EQ(packed.size(), 8u);
  EXPECT_EQ(packed[0], std::byte{0x23});
  EXPECT_EQ(packed[1], std::byte{0xD1});
  EXPECT_EQ(packed[2], std::byte{0xFE});
  for (size_t first = 0; first < samples.size(); ++first) {
    std::vector<uint16_t> out(samples.size() - first);
    unpack(packed, first, out);
    EXPECT_TRUE(std::equal(out.begin(), out.end(), samples.begin() + static_cast<std::ptrdiff_t>(first)));
  }
}

TEST(CabinetWire, values_that_the_protocol_does_not_have_are_refused) {
  const auto refused = [](const Message& message) {
    const std::vector<std::byte> bytes = framed(message);
    return decode(cut_frame(bytes).frame).status == GARITA_PROTOCOL_ERROR;
  };
  Identity flat = two_views();
  flat.views[0].slope = 0;
  EXPECT_TRUE(refused(flat));
  flat.views[0].slope = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(refused(flat));
  EXPECT_TRUE(refused(Identity{.model = "no views"}));
  EXPECT_TRUE(refused(Clock{max_clock_us + 1, 0}));
  EXPECT_TRUE(refused(State{6, 0, ""}));
  EXPECT_TRUE(refused(Bag{"", 0, Subject::bag, ""}));
  EXPECT_TRUE(refused(Bag{std::string(129, 'k'), 0, Subject::bag, ""}));
  EXPECT_TRUE(refused(Found{0, 1, 101, "", {{}, {}, {}}}));
  EXPECT_TRUE(refused(Found{2, 1, 50, "", {{}, {}, {}}}));
  EXPECT_TRUE(refused(Found{0, 1, 50, "", {{}, {}}}));
}

TEST(CabinetWire, a_damaged_head_is_never_believed_and_the_next_frame_is_found) {
  std::vector<std::byte> bytes = framed(Alive{1});
  const size_t first = bytes.size();
  for (size_t at = 0; at < frame_head_bytes; ++at) {
    std::vector<std::byte> bad = bytes;
    bad[at] ^= std::byte{0x10};
    const std::vector<std::byte> second = framed(Alive{2});
    bad.insert(bad.end(), second.begin(), second.end());
    size_t skipped = 0;
    std::span<const std::byte> left(bad);
    Cut cut = cut_frame(left);
    for (; cut.kind == Cut::Kind::damage; cut = cut_frame(left)) {
      skipped += cut.size_bytes;
      left = left.subspan(cut.size_bytes);
    }
    EXPECT_EQ(skipped, first) << at;
    EXPECT_EQ(std::get<Alive>(decode(cut.frame).message).device_us, 2);
  }
}

TEST(BeltLines, a_count_that_wraps_goes_on_and_gaps_keep_their_rows_apart) {
  BeltLines lines;
  for (const uint32_t line : {0xFFFFFFFEu, 0xFFFFFFFFu, 0u, 5u, 6u}) {
    ASSERT_EQ(lines.came(line), BeltLines::Came::first_time);
    lines.add(line);
  }
  EXPECT_EQ(lines.rows(), 5u);
  EXPECT_EQ(lines.row_of(0xFFFFFFFE), 0u);
  EXPECT_EQ(lines.row_of(0), 2u);
  EXPECT_EQ(lines.row_of(3), 2u);  // lost: the one before it
  EXPECT_EQ(lines.row_of(6), 4u);
  EXPECT_EQ(lines.row_of(7), std::nullopt);
  EXPECT_EQ(lines.row_of(0xFFFFFFFD), std::nullopt);
}

TEST(BeltLines, a_line_comes_again_only_after_the_belt_ran_back) {
  BeltLines lines;
  lines.add(10), lines.add(11);
  EXPECT_EQ(lines.came(11), BeltLines::Came::out_of_order);
  lines.reversed();
  EXPECT_EQ(lines.came(10), BeltLines::Came::again);
  EXPECT_EQ(lines.came(12), BeltLines::Came::first_time);
  lines.add(12);
  EXPECT_EQ(lines.came(11), BeltLines::Came::out_of_order);
}

}  // namespace
}  // namespace garita::astrophysics
