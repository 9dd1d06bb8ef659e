// Bytes <-> messages of the cargo portal, without a driver.
#include "drivers/nuctech/wire.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "drivers/nuctech/deinterlace.hpp"
#include "garita/event.h"

namespace garita::nuctech {
namespace {

std::vector<std::byte> framed(const Message& message) {
  FrameWriter writer;
  std::vector<std::byte> bytes;
  encode(writer, message, bytes);
  return bytes;
}

Decoded sent(const Message& message) {
  static std::vector<std::byte> bytes;  // what a block's raw points into
  bytes = framed(message);
  return decode(cut_frame(bytes).frame);
}

Calibration small_calibration() { return {7, 1, 1, 2, {1, 2, 3, 4}}; }

ScanBegin small_begin() {
  ScanBegin begin;
  begin.key.bytes = "k";
  begin.calibration_id = 1, begin.columns = 1;
  begin.high_kev = 2, begin.low_kev = 1;
  begin.pitch_across_um = begin.pulse_pitch_um = 1;
  return begin;
}

TEST(NuctechWire, crc32c_has_its_published_check_value) {
  EXPECT_EQ(crc32c(std::as_bytes(std::span(std::string_view("123456789")))), 0xE3069283u);
}

TEST(NuctechWire, a_frame_is_cut_only_when_all_of_it_is_there) {
  const auto bytes = framed(Go{{Charset::utf8, "key"}});
  for (size_t size = 0; size < bytes.size(); ++size) {
    const Cut cut = cut_frame(std::span(bytes).first(size));
    ASSERT_EQ(cut.kind, Cut::Kind::need) << size;
    ASSERT_GT(cut.size_bytes, size);
  }
  EXPECT_EQ(cut_frame(bytes).kind, Cut::Kind::frame);
  EXPECT_EQ(cut_frame(bytes).size_bytes, bytes.size());
}

TEST(NuctechWire, a_length_beyond_the_limit_is_never_waited_for) {
  auto bytes = framed(Start{});
  const uint32_t length = max_frame_bytes + 1;
  std::memcpy(bytes.data(), &length, 4);
  const uint32_t sum = crc32c(std::span(bytes).first(12));
  std::memcpy(bytes.data() + 12, &sum, 4);
  EXPECT_EQ(cut_frame(bytes).kind, Cut::Kind::damage);
}

TEST(NuctechWire, texts_keep_their_charset_and_bytes) {
  const Decoded decoded = sent(Status{2, 3, 4, {Charset::gb18030, "\xCD\xF5"}});
  const auto& status = std::get<Status>(decoded.message);
  EXPECT_EQ(status.message.charset, Charset::gb18030);
  EXPECT_EQ(status.message.bytes, "\xCD\xF5");
  EXPECT_EQ(status.clock_ms, 4);
}

TEST(NuctechWire, a_calibration_comes_back_as_it_went) {
  const Decoded decoded = sent(small_calibration());
  EXPECT_EQ(std::get<Calibration>(decoded.message).sums, (std::vector<uint32_t>{1, 2, 3, 4}));
}

TEST(NuctechWire, sums_above_what_sixteen_bits_can_give_are_refused) {
  Calibration measured = small_calibration();
  measured.sums[3] = 2 * 65535;
  EXPECT_EQ(sent(measured).status, GARITA_OK);
  ++measured.sums[3];
  EXPECT_EQ(sent(measured).status, GARITA_PROTOCOL_ERROR);
}

TEST(NuctechWire, fields_outside_their_range_are_refused) {
  const auto status_of = [](auto change) {
    ScanBegin begin = small_begin();
    change(begin);
    return sent(begin).status;
  };
  EXPECT_EQ(status_of([](ScanBegin&) {}), GARITA_OK);
  EXPECT_EQ(status_of([](ScanBegin& b) { b.key.bytes.clear(); }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](ScanBegin& b) { b.key.charset = Charset::gb18030; }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](ScanBegin& b) { b.clock_ms = -1; }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](ScanBegin& b) { b.clock_ms = INT64_MAX; }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](ScanBegin& b) { b.calibration_id = 0; }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](ScanBegin& b) { b.columns = max_columns + 1; }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](ScanBegin& b) { b.low_kev = 2; }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](ScanBegin& b) { b.pulse_pitch_um = 0; }), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of([](ScanBegin& b) { b.travel = 3; }), GARITA_PROTOCOL_ERROR);
}

TEST(NuctechWire, a_block_holds_whole_pairs_and_whole_detectors) {
  const std::vector<std::byte> raw(12);
  const auto status_of = [&](uint32_t first, uint16_t pulses, size_t raw_bytes) {
    return sent(Block{first, pulses, 0, 1, std::vector<uint16_t>(pulses), std::span(raw).first(raw_bytes)})
        .status;
  };
  EXPECT_EQ(status_of(0, 2, 12), GARITA_OK);
  EXPECT_EQ(status_of(0, 2, 10), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of(0, 2, 0), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of(0, 3, 12), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of(1, 2, 12), GARITA_PROTOCOL_ERROR);
  EXPECT_EQ(status_of(UINT32_MAX - 1, 2, 12), GARITA_PROTOCOL_ERROR);
}

TEST(NuctechWire, a_payload_that_is_cut_or_too_long_at_any_byte_is_refused) {
  Verdict verdict{2, {{{Charset::utf8, "NT-EXP-01"}, {Charset::gb18030, "\xCD\xF5"}, 1, 2, 3, 4, 50}}};
  for (const Message& message : {Message(Greeting{}), Message(Status{}), Message(small_calibration()),
                                 Message(small_begin()), Message(verdict), Message(ScanEnd{}),
                                 Message(Start{}), Message(Calibrate{}), Message(Go{}), Message(Stored{})}) {
    const auto bytes = framed(message);
    const Frame frame = cut_frame(bytes).frame;
    ASSERT_EQ(decode(frame).status, GARITA_OK);
    for (size_t size = 0; size < frame.payload.size(); ++size)
      ASSERT_EQ(decode({frame.type, 0, frame.payload.first(size)}).status, GARITA_PROTOCOL_ERROR) << size;
    std::vector<std::byte> longer(frame.payload.begin(), frame.payload.end());
    longer.emplace_back();
    ASSERT_EQ(decode({frame.type, 0, longer}).status, GARITA_PROTOCOL_ERROR) << frame.type;
  }
}

TEST(NuctechWire, a_type_that_is_none_is_refused) {
  EXPECT_EQ(decode({0x99, 0, {}}).status, GARITA_PROTOCOL_ERROR);
}

TEST(NuctechWire, pulses_by_detector_become_rows_by_energy_at_any_size) {
  for (const auto& [columns, rows] :
       {std::pair<size_t, size_t>{1, 1}, {3, 5}, {64, 2}, {65, 128}, {704, 64}}) {
    std::vector<uint16_t> raw(columns * rows * 2), high(columns * rows), low(columns * rows);
    for (size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<uint16_t>(i * 7919);
    std::vector<std::byte> odd(raw.size() * 2 + 1);  // the payload of a frame lies anywhere
    std::memcpy(odd.data() + 1, raw.data(), raw.size() * 2);
    deinterlace(std::span(odd).subspan(1), columns, rows, high, low);
    for (size_t row = 0; row < rows; ++row)
      for (size_t column = 0; column < columns; ++column) {
        ASSERT_EQ(high[row * columns + column], raw[(column * rows + row) * 2]);
        ASSERT_EQ(low[row * columns + column], raw[(column * rows + row) * 2 + 1]);
      }
  }
}

}  // namespace
}  // namespace garita::nuctech
