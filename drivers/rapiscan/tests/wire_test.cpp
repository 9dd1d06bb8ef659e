// The wire: every message survives the way there and back, and no damage becomes a message or a line.
#include "drivers/rapiscan/wire.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace garita::rapiscan {
namespace {

using Bytes = std::vector<std::byte>;

Date some_date() { return {INT64_C(1795367106250000000), -7 * 3600}; }

std::vector<Message> one_of_each() {
  Calibration calibration;
  calibration.id = 9, calibration.columns = 2, calibration.averaged = 512, calibration.measured = some_date();
  calibration.dark = {{256, 512}, {300, 400}};
  calibration.air = {{1 << 20, 1 << 21}, {1 << 22, 1 << 23}};
  ScanStart start;
  start.scan = 7, start.calibration = 9, start.columns = 2, start.begun = some_date();
  start.high_kev = 6000, start.low_kev = 4000, start.axles = {{1, 751}, {900, 1650}};
  start.facts = {{2, "SIMX123456"}, {200, "from a newer gantry"}};
  return {Hello{.session = 0x01020304, .boots = 3, .clock = some_date(), .vendor = "Garita", .model = "RG"},
          Status{.state = 4, .registered = 1, .code = 3, .message = "door"},
          calibration,
          start,
          ScanEnd{.scan = 7,
                  .outcome = 2,
                  .datagrams = 40,
                  .last_pulse = 41,
                  .ended = some_date(),
                  .reason = "stopped"},
          Found{.scan = 7,
                .confidence = 81,
                .code = "R21",
                .label = "barrels",
                .first_line = 12,
                .lines = 5,
                .first_column = 1,
                .columns = 1},
          Arm{.lines_port = 7101},
          Progress{7, 12}};
}

Bytes framed(const Message& message) {
  FrameWriter frames;
  Bytes out;
  encode(frames, message, out);
  return out;
}

TEST(RapiscanWire, every_message_survives_the_way_there_and_back) {
  for (const Message& message : one_of_each()) {
    const Bytes bytes = framed(message);
    const Cut cut = cut_frame(bytes);
    ASSERT_EQ(cut.kind, Cut::Kind::frame);
    const Decoded decoded = decode(cut.frame);
    ASSERT_EQ(decoded.status, GARITA_OK) << decoded.why;
    EXPECT_EQ(decoded.message.index(), message.index());
    EXPECT_EQ(framed(decoded.message), bytes);
  }
}

TEST(RapiscanWire, numbers_are_big_endian) {
  const Bytes bytes = framed(Message(Progress{0x01020304, 0x05060708}));
  const std::byte expected[] = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                                std::byte{5}, std::byte{6}, std::byte{7}, std::byte{8}};
  EXPECT_EQ(std::memcmp(bytes.data() + frame_header_bytes, expected, sizeof expected), 0);
}

TEST(RapiscanWire, a_payload_of_any_other_size_is_no_message) {
  for (const Message& message : one_of_each()) {
    const Bytes bytes = framed(message);
    const Frame frame = cut_frame(bytes).frame;
    for (size_t size = 0; size < frame.payload.size(); ++size)
      EXPECT_EQ(decode({frame.type, 0, frame.payload.first(size)}).status, GARITA_PROTOCOL_ERROR) << size;
    Bytes longer(frame.payload.begin(), frame.payload.end());
    longer.push_back({});
    EXPECT_EQ(decode({frame.type, 0, longer}).status, GARITA_PROTOCOL_ERROR);
  }
}

TEST(RapiscanWire, any_flipped_bit_is_damage_and_the_frame_behind_it_is_found) {
  const Bytes first = framed(one_of_each()[4]), second = framed(Progress{7, 12});
  for (size_t bit = 0; bit < first.size() * 8; ++bit) {
    Bytes stream = first;
    stream[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    stream.insert(stream.end(), second.begin(), second.end());
    std::span<const std::byte> left(stream);
    Cut cut = cut_frame(left);
    EXPECT_NE(cut.kind, Cut::Kind::frame) << bit;
    while (cut.kind == Cut::Kind::damage) cut = cut_frame(left = left.subspan(cut.size_bytes));
    ASSERT_EQ(cut.kind, Cut::Kind::frame) << bit;
    EXPECT_EQ(cut.frame.type, static_cast<uint16_t>(Type::progress));
  }
}

TEST(RapiscanWire, a_length_beyond_the_limit_is_damage_and_not_a_wait) {
  Bytes bytes = framed(Message(Progress{}));
  bytes[8] = std::byte{0x7F};
  EXPECT_EQ(cut_frame(bytes).kind, Cut::Kind::damage);
}

TEST(RapiscanWire, a_line_survives_and_its_samples_are_turned_round) {
  const std::vector<uint16_t> samples = {1, 2, 3, 0xFF00, 5, 65535};
  const Line line{7, 0xFFFFFFFF, 12, 65536, Energy::both, 3, {}};
  const Bytes datagram = encode_line(line, samples);
  const auto back = decode_line(datagram);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->sequence, line.sequence);
  EXPECT_EQ(back->columns, 3u);
  std::vector<uint16_t> out(6);
  to_little_endian(back->samples, std::as_writable_bytes(std::span(out)));
  EXPECT_EQ(out, samples);
}

TEST(RapiscanWire, a_damaged_line_is_no_line) {
  const Bytes datagram = encode_line({7, 8, 9, 10, Energy::high, 2, {}}, std::vector<uint16_t>{1, 2});
  for (size_t bit = 0; bit < datagram.size() * 8; ++bit) {
    Bytes damaged = datagram;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    EXPECT_FALSE(decode_line(damaged)) << bit;
  }
  for (size_t size = 0; size < datagram.size(); ++size)
    EXPECT_FALSE(decode_line(std::span(datagram).first(size)));
}

TEST(RapiscanWire, registration_is_its_session_and_nothing_else) {
  const Bytes datagram = encode_register(0xA1B2C3D4);
  EXPECT_EQ(decode_register(datagram), 0xA1B2C3D4u);
  EXPECT_FALSE(decode_register(std::span(datagram).first(7)));
  EXPECT_FALSE(decode_register(encode_line({}, {})));
}

struct DateCase {
  const char* text;
  int64_t utc_ns;
};
const DateCase good_dates[] = {{"11/22/2026 04:05:06.250 PM -07:00", INT64_C(1795388706250000000)},
                               {"11/22/2026 12:00:00.000 AM +00:00", INT64_C(1795305600000000000)},
                               {"11/22/2026 12:00:00.000 PM +00:00", INT64_C(1795348800000000000)},
                               {"02/29/2028 11:59:59.999 PM +05:30", INT64_C(1835461799999000000)}};

TEST(RapiscanDate, is_read_months_first_in_twelve_hours_with_its_zone) {
  for (const DateCase& each : good_dates) {
    const auto date = parse_date(each.text);
    ASSERT_TRUE(date) << each.text;
    EXPECT_EQ(date->utc_ns, each.utc_ns) << each.text;
    EXPECT_EQ(format_date(*date), each.text);
  }
}

TEST(RapiscanDate, an_empty_one_is_unknown) {
  EXPECT_EQ(parse_date("")->utc_ns, utc_unknown);
  EXPECT_EQ(format_date({}), "");
}

TEST(RapiscanDate, what_no_calendar_has_is_refused) {
  for (const char* text :
       {"22/11/2026 04:05:06.250 PM -07:00", "02/29/2027 04:05:06.250 PM -07:00",
        "11/22/2026 00:05:06.250 PM -07:00", "11/22/2026 13:05:06.250 PM -07:00",
        "11/22/2026 04:60:06.250 PM -07:00", "11/22/2026 04:05:06.250 XM -07:00",
        "11/22/2026 04:05:06.250 PM  07:00", "11/22/2026 04:05:06.250 PM", "2026-11-22T04:05:06.250Z", "?"})
    EXPECT_FALSE(parse_date(text)) << text;
}

TEST(RapiscanDate, survives_there_and_back_at_any_moment) {
  const unsigned seed = std::random_device{}();
  std::mt19937_64 random(seed);
  for (int i = 0; i < 1000; ++i) {
    const Date date{static_cast<int64_t>(random() % 6'000'000'000'000) * 1'000'000 + 86'400'000'000'000,
                    static_cast<int32_t>(random() % 105) * 900 - 43200};
    const auto back = parse_date(format_date(date));
    ASSERT_TRUE(back) << "seed " << seed << ' ' << format_date(date);
    EXPECT_EQ(back->utc_ns, date.utc_ns) << "seed " << seed;
    EXPECT_EQ(back->zone_s, date.zone_s) << "seed " << seed;
  }
}

}  // namespace
}  // namespace garita::rapiscan
