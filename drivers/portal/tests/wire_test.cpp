// The wire: every message survives the way there and back, and no damage becomes a message.
#include "drivers/portal/wire.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace garita::portal {
namespace {

using Bytes = std::vector<std::byte>;

Bytes framed(const Message& message) {
  FrameWriter frames;
  Bytes out;
  encode(frames, message, out);
  return out;
}

Message back(const Bytes& bytes) {
  const Cut cut = cut_frame(bytes);
  EXPECT_EQ(cut.kind, Cut::Kind::frame);
  EXPECT_EQ(cut.size_bytes, bytes.size());
  Decoded decoded = decode(cut.frame);
  EXPECT_EQ(decoded.status, GARITA_OK) << decoded.why;
  return std::move(decoded.message);
}

template <typename T>
T back_as(const T& message) {
  return std::get<T>(back(framed(message)));
}

ScanBegin some_scan() {
  ScanBegin scan;
  scan.key = "PT-7/000042";
  scan.time_utc_ns = 1'700'000'000'000'000'000;
  scan.calibration_id = 9;
  scan.columns = 3;
  scan.energy_kev = {6000, 4000};
  scan.pitch_across_um = 6500;
  scan.pitch_along_um = 5000;
  scan.source_side = 2;
  scan.facts = {{1, "7ABC123"}, {4, "CSQU3054383"}, {200, "from a newer device"}};
  return scan;
}

const std::vector<uint16_t>& some_samples() {
  static const std::vector<uint16_t> samples = {1, 2, 3, 40000, 50000, 60000};
  return samples;
}

Line some_line() {
  return {.index = 77,
          .dose_q16 = 65000,
          .time_utc_ns = 5,
          .position_um = -12,
          .samples = std::as_bytes(std::span(some_samples()))};
}

Calibration some_calibration() {
  Calibration calibration;
  calibration.id = 9;
  calibration.columns = 2;
  calibration.averaged = 512;
  calibration.dark = {{256, 512}, {300, 400}};
  calibration.air = {{1 << 20, 1 << 21}, {1 << 22, 1 << 23}};
  return calibration;
}

std::vector<Message> one_of_each() {
  return {Hello{.clock_utc_ns = 1,
                .zone_s = -21600,
                .vendor = "Garita",
                .model = "P",
                .serial = "1",
                .firmware = "2"},
          Health{.state = 4, .code = 3, .clock_utc_ns = 9, .message = "door"},
          Heartbeat{5},
          some_calibration(),
          some_scan(),
          some_line(),
          ScanEnd{.outcome = 2, .lines = 9, .time_utc_ns = 3, .reason = "stopped"},
          Start{},
          Acknowledge{2, "k"}};
}

TEST(Wire, crc32_of_the_nine_digits_is_that_of_the_standard) {
  const char* digits = "123456789";
  EXPECT_EQ(crc32(std::as_bytes(std::span(digits, 9))), 0xCBF43926u);
}

TEST(Wire, hello_comes_back_as_it_went) {
  const Hello hello = back_as(Hello{
      .clock_utc_ns = -5, .zone_s = -21600, .vendor = "Ñ", .model = "b", .serial = "", .firmware = "d"});
  EXPECT_EQ(hello.clock_utc_ns, -5);
  EXPECT_EQ(hello.zone_s, -21600);
  EXPECT_EQ(hello.vendor + hello.model + hello.serial + hello.firmware, "Ñbd");
}

TEST(Wire, scan_begin_comes_back_as_it_went) {
  const ScanBegin scan = back_as(some_scan());
  EXPECT_EQ(scan.key, "PT-7/000042");
  EXPECT_EQ(scan.energy_kev, (std::vector<uint32_t>{6000, 4000}));
  EXPECT_EQ(scan.pitch_along_um, 5000u);
  EXPECT_EQ(scan.source_side, 2);
  EXPECT_EQ(scan.facts, some_scan().facts);
}

TEST(Wire, calibration_comes_back_as_it_went) {
  const Calibration calibration = back_as(some_calibration());
  EXPECT_EQ(calibration.averaged, 512u);
  EXPECT_EQ(calibration.dark, some_calibration().dark);
  EXPECT_EQ(calibration.air, some_calibration().air);
}

TEST(Wire, line_comes_back_as_it_went) {
  const Bytes bytes = framed(some_line());
  const Line line = std::get<Line>(back(bytes));
  EXPECT_EQ(line.index, 77u);
  EXPECT_EQ(line.position_um, -12);
  ASSERT_TRUE(fits(line, some_scan()));
  EXPECT_EQ(std::memcmp(line.samples.data(), some_samples().data(), 12), 0);
}

TEST(Wire, the_short_messages_come_back_as_they_went) {
  EXPECT_EQ(back_as(Health{.state = 4, .code = 3, .clock_utc_ns = 9, .message = "door"}).message, "door");
  EXPECT_EQ(back_as(Heartbeat{5}).clock_utc_ns, 5);
  EXPECT_EQ(back_as(ScanEnd{.outcome = 3, .lines = 9, .time_utc_ns = 3, .reason = "r"}).lines, 9u);
  EXPECT_EQ(back_as(Start{}).protocol, protocol_version);
  EXPECT_EQ(back_as(Acknowledge{2, "k"}).key, "k");
}

TEST(Wire, a_frame_cut_at_any_byte_asks_for_more) {
  for (const Message& message : one_of_each()) {
    const Bytes bytes = framed(message);
    for (size_t size = 0; size < bytes.size(); ++size) {
      const Cut cut = cut_frame(std::span(bytes).first(size));
      ASSERT_EQ(cut.kind, Cut::Kind::need) << size;
      ASSERT_GT(cut.size_bytes, size);
      ASSERT_LE(cut.size_bytes, bytes.size());
    }
  }
}

// Cuts until nothing is left or more is needed; gives the frames' sequence numbers.
std::vector<uint32_t> sequences(std::span<const std::byte> bytes) {
  std::vector<uint32_t> found;
  while (!bytes.empty()) {
    const Cut cut = cut_frame(bytes);
    if (cut.kind == Cut::Kind::need) break;
    if (cut.kind == Cut::Kind::frame) found.push_back(cut.frame.sequence);
    bytes = bytes.subspan(cut.size_bytes);
  }
  return found;
}

TEST(Wire, a_flipped_bit_anywhere_costs_its_frame_and_no_other) {
  FrameWriter frames;
  Bytes bytes;
  size_t first = 0, second = 0;
  encode(frames, Heartbeat{1}, bytes), first = bytes.size();
  encode(frames, some_scan(), bytes), second = bytes.size();
  encode(frames, Heartbeat{2}, bytes);
  for (size_t at = first; at < second; ++at)
    for (int bit = 0; bit < 8; ++bit) {
      Bytes damaged = bytes;
      damaged[at] ^= static_cast<std::byte>(1 << bit);
      ASSERT_EQ(sequences(damaged), (std::vector<uint32_t>{0, 2})) << "byte " << at << " bit " << bit;
    }
}

TEST(Wire, foreign_bytes_before_a_frame_are_skipped) {
  Bytes bytes(5, std::byte{'G'});
  const Bytes frame = framed(Heartbeat{1});
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  EXPECT_EQ(sequences(bytes).size(), 1u);
}

TEST(Wire, a_good_header_with_a_length_above_the_limit_is_damage) {
  FrameWriter frames;
  Bytes bytes;
  frames.append(bytes, 3, [](Bytes& out) { out.resize(out.size() + max_payload_bytes + 1); });
  EXPECT_EQ(cut_frame(bytes).kind, Cut::Kind::damage);
}

Decoded decoded(uint16_t type, const Bytes& payload) { return decode({type, 0, payload}); }

TEST(Wire, a_payload_cut_at_any_byte_is_a_protocol_error) {
  for (const Message& message : one_of_each()) {
    if (std::holds_alternative<Line>(message)) continue;  // its size is held against the scan: fits()
    const Bytes bytes = framed(message);
    const Cut cut = cut_frame(bytes);
    for (size_t size = 0; size < cut.frame.payload.size(); ++size)
      ASSERT_EQ(decode({cut.frame.type, 0, cut.frame.payload.first(size)}).status, GARITA_PROTOCOL_ERROR)
          << "type " << cut.frame.type << " at " << size;
  }
}

TEST(Wire, a_payload_with_a_byte_too_many_is_a_protocol_error) {
  for (const Message& message : one_of_each()) {
    const Bytes bytes = framed(message);
    const Cut cut = cut_frame(bytes);
    Bytes longer(cut.frame.payload.begin(), cut.frame.payload.end());
    longer.push_back(std::byte{0});
    EXPECT_EQ(decoded(cut.frame.type, longer).status, GARITA_PROTOCOL_ERROR) << cut.frame.type;
  }
}

TEST(Wire, a_type_that_the_protocol_does_not_have_is_a_protocol_error) {
  EXPECT_EQ(decoded(0x99, {}).status, GARITA_PROTOCOL_ERROR);
}

TEST(Wire, values_out_of_their_range_are_protocol_errors) {
  const auto refused = [](const Message& message) {
    const Bytes bytes = framed(message);
    return decode(cut_frame(bytes).frame).status == GARITA_PROTOCOL_ERROR;
  };
  EXPECT_TRUE(refused(Health{.state = 6, .message = ""}));
  EXPECT_TRUE(refused(ScanEnd{.outcome = 0, .reason = ""}));
  EXPECT_TRUE(refused(Acknowledge{5, "k"}));
  EXPECT_TRUE(refused(Calibration{.id = 0, .columns = 1, .dark = {{1}}, .air = {{1}}}));
  ScanBegin scan = some_scan();
  scan.key.clear();
  EXPECT_TRUE(refused(scan));
  scan = some_scan();
  scan.columns = max_columns + 1;
  EXPECT_TRUE(refused(scan));
}

TEST(Wire, a_line_of_another_width_does_not_fit_its_scan) {
  ScanBegin scan = some_scan();
  EXPECT_TRUE(fits(some_line(), scan));
  scan.columns = 4;
  EXPECT_FALSE(fits(some_line(), scan));
}

TEST(LineCounter, a_count_that_wraps_goes_on_above_32_bits) {
  LineCounter counter;
  uint64_t index = 0;
  ASSERT_TRUE(counter.unwrap(0xFFFFFFFEu, index));
  EXPECT_EQ(index, 0xFFFFFFFEu);
  ASSERT_TRUE(counter.unwrap(1, index));
  EXPECT_EQ(index, 0x1'0000'0001u);
}

TEST(LineCounter, a_line_that_repeats_or_goes_back_is_refused_and_the_next_goes_on) {
  LineCounter counter;
  uint64_t index = 0;
  ASSERT_TRUE(counter.unwrap(10, index));
  EXPECT_FALSE(counter.unwrap(10, index));
  EXPECT_FALSE(counter.unwrap(9, index));
  EXPECT_TRUE(counter.unwrap(11, index));
  EXPECT_EQ(index, 11u);
}

}  // namespace
}  // namespace garita::portal
