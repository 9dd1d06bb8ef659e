#include "drivers/rapiscan/wire.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "garita/event.h"
#include "garita/scan.h"
#include "garita/view.h"
#include "garita/wire.hpp"

namespace garita::rapiscan {
namespace {

constexpr std::string_view line_magic = "RGL1", register_magic = "RGR1";
constexpr uint32_t max_pulse_rate_mhz = 10'000'000;

// Takes fields off the front. Once something is missing or wrong all that follows is zero, and good() says
// so.
class Take {
 public:
  explicit Take(std::span<const std::byte> bytes) : left_(bytes) {}

  template <typename T>
  T number() {
    const auto bytes = raw(sizeof(T));
    return bytes.empty() ? T{} : read_as<T>(bytes.data(), std::endian::big);
  }
  template <typename T>
  T number(T lowest, T highest) {
    const T value = number<T>();
    if (value < lowest || value > highest) good_ = false;
    return value;
  }
  std::string text() {
    const auto bytes = raw(number<uint16_t>(0, max_text_bytes));
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  Date date() {
    const auto date = parse_date(text());
    if (!date) good_ = false;
    return date.value_or(Date{});
  }
  // count ≤ max_columns: what is allocated is bounded even before the size is known to be there.
  std::vector<uint32_t> numbers(uint32_t count) {
    const auto bytes = raw(count * sizeof(uint32_t));
    std::vector<uint32_t> values(bytes.size() / sizeof(uint32_t));
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = read_as<uint32_t>(bytes.data() + i * sizeof(uint32_t), std::endian::big);
    return values;
  }

  bool good() const { return good_; }
  bool done() const { return good_ && left_.empty(); }

 private:
  std::span<const std::byte> raw(size_t size) {
    if (size > left_.size()) good_ = false;
    if (!good_) return {};
    const auto taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }

  std::span<const std::byte> left_;
  bool good_ = true;
};

void take(Take& in, Hello& out) {
  out.protocol = in.number<uint16_t>();
  out.session = in.number<uint32_t>();
  out.boots = in.number<uint32_t>();
  out.clock = in.date();
  for (std::string* text : {&out.vendor, &out.model, &out.serial, &out.firmware}) *text = in.text();
}

void take(Take& in, Status& out) {
  out.state = in.number<uint8_t>(GARITA_HEALTH_WARMING_UP, GARITA_HEALTH_FAULT);
  out.registered = in.number<uint8_t>(0, 1);
  out.code = in.number<uint32_t>();
  out.clock = in.date();
  out.message = in.text();
}

void take(Take& in, Calibration& out) {
  out.id = in.number<uint32_t>(1, UINT32_MAX);
  out.measured = in.date();
  const auto energies = in.number<uint8_t>(2, 2);
  out.columns = in.number<uint16_t>(1, max_columns);
  out.averaged = in.number<uint32_t>();
  for (auto* lines : {&out.dark, &out.air})
    for (uint8_t energy = 0; in.good() && energy < energies; ++energy)
      lines->push_back(in.numbers(out.columns));
}

void take(Take& in, ScanStart& out) {
  out.scan = in.number<uint32_t>();
  out.begun = in.date();
  out.calibration = in.number<uint32_t>(1, UINT32_MAX);
  out.mode = in.number<uint8_t>(1, 2);
  out.columns = in.number<uint16_t>(1, max_columns);
  out.high_kev = in.number<uint32_t>(1, 100'000);
  out.low_kev = in.number<uint32_t>(1, 100'000);
  out.pitch_across_um = in.number<uint32_t>();
  out.line_pitch_um = in.number<uint32_t>();
  out.pulse_rate_mhz = in.number<uint32_t>(0, max_pulse_rate_mhz);
  out.first_sequence = in.number<uint32_t>();
  out.first_pulse = in.number<uint32_t>();
  out.direction = in.number<uint8_t>(GARITA_ROW_ZERO_FRONT, GARITA_ROW_ZERO_REAR);
  out.source_side = in.number<uint8_t>(GARITA_SOURCE_LEFT, GARITA_SOURCE_RIGHT);
  out.column_zero = in.number<uint8_t>(GARITA_COLUMN_ZERO_TOP, GARITA_COLUMN_ZERO_BOTTOM);
  out.sensor_gap_um = in.number<uint32_t>();
  const auto axles = in.number<uint8_t>(0, max_axles);
  for (uint8_t i = 0; in.good() && i < axles; ++i) {
    const auto pulse_a = in.number<uint32_t>();
    out.axles.push_back({pulse_a, in.number<uint32_t>()});
  }
  const auto facts = in.number<uint8_t>(0, max_facts);
  for (uint8_t i = 0; in.good() && i < facts; ++i) {
    const auto tag = in.number<uint8_t>();
    out.facts.emplace_back(tag, in.text());
  }
}

void take(Take& in, ScanEnd& out) {
  out.scan = in.number<uint32_t>();
  out.outcome = in.number<uint8_t>(GARITA_SCAN_COMPLETE, GARITA_SCAN_FAULT);
  out.datagrams = in.number<uint32_t>();
  out.last_pulse = in.number<uint32_t>();
  out.ended = in.date();
  out.reason = in.text();
}

void take(Take& in, Found& out) {
  out.scan = in.number<uint32_t>();
  out.confidence = in.number<uint8_t>();
  if (out.confidence > 100) out.confidence = no_confidence;
  out.code = in.text();
  out.label = in.text();
  out.first_line = in.number<uint32_t>();
  out.lines = in.number<uint32_t>();
  out.first_column = in.number<uint16_t>();
  out.columns = in.number<uint16_t>();
}

void take(Take& in, Arm& out) {
  out.protocol = in.number<uint16_t>();
  out.lines_port = in.number<uint16_t>();
}

void take(Take& in, Progress& out) {
  out.scan = in.number<uint32_t>();
  out.sequence = in.number<uint32_t>();
}

template <typename T>
Decoded decode_as(const Frame& frame, const char* name) {
  Take in(frame.payload);
  T message;
  take(in, message);
  if (in.done()) return {GARITA_OK, {}, std::move(message)};
  return {GARITA_PROTOCOL_ERROR,
          std::string(name) + " of " + std::to_string(frame.payload.size()) +
              " bytes holds what the protocol does not have",
          Message{}};
}

// Puts fields behind what is there.
class Put {
 public:
  explicit Put(std::vector<std::byte>& out) : out_(out) {}

  template <typename T>
  Put& number(T value) {
    for (size_t i = sizeof(T); i-- > 0;) out_.push_back(static_cast<std::byte>(uint64_t{value} >> (8 * i)));
    return *this;
  }
  Put& text(std::string_view text) {
    text = text.substr(0, max_text_bytes);
    number(static_cast<uint16_t>(text.size()));
    for (const char c : text) out_.push_back(static_cast<std::byte>(c));
    return *this;
  }
  Put& date(const Date& date) { return text(format_date(date)); }
  Put& magic(std::string_view word) {
    for (const char c : word) out_.push_back(static_cast<std::byte>(c));
    return *this;
  }

 private:
  std::vector<std::byte>& out_;
};

void put(Put out, const Hello& in) {
  out.number(in.protocol).number(in.session).number(in.boots).date(in.clock);
  out.text(in.vendor).text(in.model).text(in.serial).text(in.firmware);
}
void put(Put out, const Status& in) {
  out.number(in.state).number(in.registered).number(in.code).date(in.clock).text(in.message);
}
void put(Put out, const Calibration& in) {
  out.number(in.id).date(in.measured).number(static_cast<uint8_t>(in.dark.size()));
  out.number(in.columns).number(in.averaged);
  for (const auto* lines : {&in.dark, &in.air})
    for (const auto& line : *lines)
      for (const uint32_t value : line) out.number(value);
}
void put(Put out, const ScanStart& in) {
  out.number(in.scan).date(in.begun).number(in.calibration).number(in.mode).number(in.columns);
  out.number(in.high_kev).number(in.low_kev).number(in.pitch_across_um).number(in.line_pitch_um);
  out.number(in.pulse_rate_mhz).number(in.first_sequence).number(in.first_pulse);
  out.number(in.direction).number(in.source_side).number(in.column_zero).number(in.sensor_gap_um);
  out.number(static_cast<uint8_t>(in.axles.size()));
  for (const Axle& axle : in.axles) out.number(axle.pulse_a).number(axle.pulse_b);
  out.number(static_cast<uint8_t>(in.facts.size()));
  for (const auto& [tag, text] : in.facts) out.number(tag).text(text);
}
void put(Put out, const ScanEnd& in) {
  out.number(in.scan)
      .number(in.outcome)
      .number(in.datagrams)
      .number(in.last_pulse)
      .date(in.ended)
      .text(in.reason);
}
void put(Put out, const Found& in) {
  out.number(in.scan).number(in.confidence).text(in.code).text(in.label);
  out.number(in.first_line).number(in.lines).number(in.first_column).number(in.columns);
}
void put(Put out, const Arm& in) { out.number(in.protocol).number(in.lines_port); }
void put(Put out, const Progress& in) { out.number(in.scan).number(in.sequence); }

constexpr Type types[] = {Type::hello,    Type::status, Type::calibration, Type::scan_start,
                          Type::scan_end, Type::found,  Type::arm,         Type::progress};  // in the order of Message

}  // namespace

Decoded decode(const Frame& frame) {
  switch (static_cast<Type>(frame.type)) {
    case Type::hello:
      return decode_as<Hello>(frame, "HELLO");
    case Type::status:
      return decode_as<Status>(frame, "STATUS");
    case Type::calibration:
      return decode_as<Calibration>(frame, "CALIBRATION");
    case Type::scan_start:
      return decode_as<ScanStart>(frame, "SCAN_START");
    case Type::scan_end:
      return decode_as<ScanEnd>(frame, "SCAN_END");
    case Type::found:
      return decode_as<Found>(frame, "FOUND");
    case Type::arm:
      return decode_as<Arm>(frame, "ARM");
    case Type::progress:
      return decode_as<Progress>(frame, "PROGRESS");
  }
  return {GARITA_PROTOCOL_ERROR, "message type " + std::to_string(frame.type) + " is not in the protocol",
          Message{}};
}

void encode(FrameWriter& frames, const Message& message, std::vector<std::byte>& out) {
  frames.append(out, static_cast<uint16_t>(types[message.index()]), [&](std::vector<std::byte>& payload) {
    std::visit([&](const auto& body) { put(Put(payload), body); }, message);
  });
}

std::optional<Line> decode_line(std::span<const std::byte> datagram) {
  if (datagram.size() < line_header_bytes + line_sum_bytes) return std::nullopt;
  if (std::memcmp(datagram.data(), line_magic.data(), line_magic.size()) != 0) return std::nullopt;
  const auto body = datagram.first(datagram.size() - line_sum_bytes);
  if (read_as<uint32_t>(datagram.data() + body.size(), std::endian::big) != crc32(body)) return std::nullopt;
  Take in(body.subspan(line_magic.size()));
  Line line;
  line.scan = in.number<uint32_t>();
  line.sequence = in.number<uint32_t>();
  line.pulse = in.number<uint32_t>();
  line.dose_q16 = in.number<uint32_t>();
  line.energy = static_cast<Energy>(in.number<uint8_t>(0, 2));
  (void)in.number<uint8_t>(0, 0);
  line.columns = in.number<uint16_t>(1, max_columns);
  line.samples = body.subspan(line_header_bytes);
  const size_t rows = line.energy == Energy::both ? 2 : 1;
  if (!in.good() || line.samples.size() != rows * line.columns * sizeof(uint16_t)) return std::nullopt;
  return line;
}

std::vector<std::byte> encode_line(const Line& line, std::span<const uint16_t> samples) {
  std::vector<std::byte> out;
  out.reserve(line_header_bytes + samples.size_bytes() + line_sum_bytes);
  Put put(out);
  put.magic(line_magic).number(line.scan).number(line.sequence).number(line.pulse).number(line.dose_q16);
  put.number(static_cast<uint8_t>(line.energy)).number(uint8_t{0}).number(line.columns);
  for (const uint16_t sample : samples) put.number(sample);
  put.number(crc32(out));
  return out;
}

std::vector<std::byte> encode_register(uint32_t session) {
  std::vector<std::byte> out;
  Put(out).magic(register_magic).number(session);
  return out;
}

std::optional<uint32_t> decode_register(std::span<const std::byte> datagram) {
  if (datagram.size() != register_magic.size() + sizeof(uint32_t)) return std::nullopt;
  if (std::memcmp(datagram.data(), register_magic.data(), register_magic.size()) != 0) return std::nullopt;
  return read_as<uint32_t>(datagram.data() + register_magic.size(), std::endian::big);
}

void to_little_endian(std::span<const std::byte> samples, std::span<std::byte> out) {
  const size_t count = std::min(samples.size(), out.size()) / 2;
  for (size_t i = 0; i < count; ++i) {
    out[2 * i] = samples[2 * i + 1];
    out[2 * i + 1] = samples[2 * i];
  }
}

}  // namespace garita::rapiscan
