#include "wire.hpp"

#include <type_traits>

#include "garita/wire.hpp"

namespace wire {
namespace {

using garita::read_little;
using Out = std::vector<std::byte>;

uint16_t crc16(Bytes bytes) {
  uint32_t sum = 0xFFFF;
  for (const std::byte byte : bytes) {
    sum ^= std::to_integer<uint32_t>(byte) << 8;
    for (int bit = 0; bit < 8; ++bit) sum = (sum & 0x8000 ? sum << 1 ^ 0x1021 : sum << 1) & 0xFFFF;
  }
  return static_cast<uint16_t>(sum);
}

// Reading: read_little checks every offset, and what does not lie inside unwinds.
[[noreturn]] void damaged(const char* why) { garita::fail(GARITA_DATA_CORRUPT, why); }

std::string text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::string sized_text(Bytes payload, size_t& at) {
  const size_t size = read_little<uint8_t>(payload, at++);
  if (payload.size() - at < size) damaged("a text that is longer than its frame");
  at += size;
  return text(payload.subspan(at - size, size));
}

template <typename Number>
std::vector<Number> numbers(Bytes bytes) {
  if (bytes.empty() || bytes.size() % 2 != 0 || bytes.size() / 2 > max_columns)
    damaged("a line of no known width");
  std::vector<Number> values;
  for (size_t at = 0; at < bytes.size(); at += 2) values.push_back(read_little<uint16_t>(bytes, at));
  return values;
}

Message health(Bytes payload) {
  const uint8_t state = read_little<uint8_t>(payload, 0);
  if (state < 1 || state > 5) damaged("a state that the protocol does not have");
  return Health{state, text(payload.subspan(1))};
}

Message calibration(Bytes payload) {
  if (payload.size() % 4 != 0) damaged("dark and air lines of different widths");
  return Calibration{numbers<double>(payload.first(payload.size() / 2)),
                     numbers<double>(payload.subspan(payload.size() / 2))};
}

Message begin(Bytes payload) {
  Begin begin{read_little<int64_t>(payload, 0),
              read_little<uint16_t>(payload, 8),
              read_little<uint32_t>(payload, 10),
              {},
              {}};
  size_t at = 14;
  begin.key = sized_text(payload, at);
  begin.plate = sized_text(payload, at);
  if (begin.columns == 0 || begin.columns > max_columns || begin.key.size() > 128 || at != payload.size())
    damaged("a scan's begin that says what the protocol does not have");
  return begin;
}

Message line(Bytes payload) {
  const uint16_t counter = read_little<uint16_t>(payload, 0);
  return Line{counter, numbers<uint16_t>(payload.subspan(2))};
}

Message message(uint8_t type, Bytes payload) {
  switch (type) {
    case 1:
      return health(payload);
    case 2:
      return calibration(payload);
    case 3:
      return begin(payload);
    case 4:
      return line(payload);
    case 5:
      return End{read_little<uint32_t>(payload, 0)};
    default:
      return Damage{"a frame of type " + std::to_string(type) + ", which the protocol does not have"};
  }
}

// Writing.
template <typename Number>
void put(Out& out, Number value) {
  for (size_t i = 0; i < sizeof(Number); ++i)
    out.push_back(static_cast<std::byte>(static_cast<uint64_t>(value) >> (8 * i) & 0xFF));
}

void put_text(Out& out, const std::string& text) {
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
}

void put_sized(Out& out, const std::string& text) {
  put(out, static_cast<uint8_t>(text.size()));
  put_text(out, text);
}

template <typename Number>
void put_counts(Out& out, const std::vector<Number>& counts) {
  for (const Number count : counts) put(out, static_cast<uint16_t>(count));
}

uint8_t payload_of(Out& out, const Health& m) { return put(out, m.state), put_text(out, m.text), 1; }
uint8_t payload_of(Out& out, const Calibration& m) {
  return put_counts(out, m.dark), put_counts(out, m.air), 2;
}
uint8_t payload_of(Out& out, const Begin& m) {
  put(out, m.time_utc_ns), put(out, m.columns), put(out, m.pitch_um);
  return put_sized(out, m.key), put_sized(out, m.plate), 3;
}
uint8_t payload_of(Out& out, const Line& m) { return put(out, m.counter), put_counts(out, m.counts), 4; }
uint8_t payload_of(Out& out, const End& m) { return put(out, m.lines), 5; }
uint8_t payload_of(Out&, const Damage&) { return 0; }

}  // namespace

size_t frame_bytes(Bytes header) {
  const uint32_t payload_bytes = read_little<uint32_t>(header, 4);
  const bool ours = header[0] == std::byte{'S'} && header[1] == std::byte{'L'} && header[3] == std::byte{0};
  return ours && payload_bytes <= max_payload_bytes ? header_bytes + payload_bytes + sum_bytes : 0;
}

Message decode(Bytes frame) {
  if (frame.size() < header_bytes + sum_bytes) return Damage{"bytes that are no frame"};
  const Bytes summed = frame.first(frame.size() - sum_bytes);
  if (crc16(summed) != read_little<uint16_t>(frame, summed.size()))
    return Damage{"a frame with a wrong checksum"};
  try {
    return message(read_little<uint8_t>(frame, 2), summed.subspan(header_bytes));
  } catch (const garita::Stop& stop) {
    return Damage{stop.message};
  }
}

std::vector<std::byte> encode(const Message& message) {
  Out payload, frame;
  const uint8_t type = std::visit([&](const auto& m) { return payload_of(payload, m); }, message);
  if (type == 0) return frame;
  put_text(frame, "SL");
  put(frame, type), put(frame, uint8_t{0}), put(frame, static_cast<uint32_t>(payload.size()));
  frame.insert(frame.end(), payload.begin(), payload.end());
  put(frame, crc16(frame));
  return frame;
}

}  // namespace wire
