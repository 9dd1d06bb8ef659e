#include "drivers/portal/wire.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "garita/event.h"
#include "garita/ext/stored.h"
#include "garita/scan.h"
#include "garita/view.h"

namespace garita::portal {
namespace {

// Takes fields off a payload; after the first that is not there all are zero and good() is false.
class Take {
 public:
  explicit Take(std::span<const std::byte> bytes) : left_(bytes) {}

  template <typename T>
  T number() {
    T value{};
    if (const auto bytes = raw(sizeof(T)); !bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  std::string text(size_t limit = max_text_bytes) {
    const size_t size = number<uint16_t>();
    if (size > limit) good_ = false;
    const auto bytes = raw(size);
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  // count ≤ max_columns: what is allocated is bounded even before the size is known to be there.
  std::vector<uint32_t> numbers(uint32_t count) {
    const auto bytes = raw(count * sizeof(uint32_t));
    std::vector<uint32_t> values(bytes.size() / sizeof(uint32_t));
    if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  std::span<const std::byte> rest() { return raw(left_.size()); }

  // A number that must lie in a range.
  template <typename T>
  T number(T lowest, T highest) {
    const T value = number<T>();
    if (value < lowest || value > highest) good_ = false;
    return value;
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
  out.clock_utc_ns = in.number<int64_t>();
  out.zone_s = in.number<int32_t>(-64800, 64800);
  for (std::string* text : {&out.vendor, &out.model, &out.serial, &out.firmware}) *text = in.text();
}

void take(Take& in, Health& out) {
  out.state = in.number<uint8_t>(GARITA_HEALTH_WARMING_UP, GARITA_HEALTH_FAULT);
  out.code = in.number<uint32_t>();
  out.clock_utc_ns = in.number<int64_t>();
  out.message = in.text();
}

void take(Take& in, Heartbeat& out) { out.clock_utc_ns = in.number<int64_t>(); }

void take(Take& in, Calibration& out) {
  out.id = in.number<uint32_t>(1, UINT32_MAX);
  out.time_utc_ns = in.number<int64_t>();
  const auto channels = in.number<uint8_t>(1, max_channels);
  out.columns = in.number<uint32_t>(1, max_columns);
  out.averaged = in.number<uint32_t>();
  for (auto* lines : {&out.dark, &out.air})
    for (uint8_t channel = 0; in.good() && channel < channels; ++channel)
      lines->push_back(in.numbers(out.columns));
}

void take(Take& in, ScanBegin& out) {
  out.key = in.text(max_key_bytes);
  out.time_utc_ns = in.number<int64_t>();
  out.calibration_id = in.number<uint32_t>(1, UINT32_MAX);
  out.columns = in.number<uint32_t>(1, max_columns);
  const auto channels = in.number<uint8_t>(1, max_channels);
  if (in.good()) out.energy_kev = in.numbers(channels);
  out.pitch_across_um = in.number<uint32_t>();
  out.pitch_along_um = in.number<uint32_t>();
  out.source_side = in.number<uint8_t>(GARITA_SOURCE_LEFT, GARITA_SOURCE_RIGHT);
  out.column_zero = in.number<uint8_t>(GARITA_COLUMN_ZERO_TOP, GARITA_COLUMN_ZERO_BOTTOM);
  out.row_zero = in.number<uint8_t>(GARITA_ROW_ZERO_FRONT, GARITA_ROW_ZERO_REAR);
  const auto facts = in.number<uint16_t>(0, max_facts);
  for (uint16_t i = 0; in.good() && i < facts; ++i) {
    const auto tag = in.number<uint8_t>();
    out.facts.emplace_back(tag, in.text());
  }
}

void take(Take& in, Line& out) {
  out.index = in.number<uint32_t>();
  out.dose_q16 = in.number<uint32_t>();
  out.time_utc_ns = in.number<int64_t>();
  out.position_um = in.number<int64_t>();
  out.samples = in.rest();
}

void take(Take& in, ScanEnd& out) {
  out.outcome = in.number<uint8_t>(GARITA_SCAN_COMPLETE, GARITA_SCAN_FAULT);
  out.lines = in.number<uint32_t>();
  out.time_utc_ns = in.number<int64_t>();
  out.reason = in.text();
}

void take(Take& in, Start& out) { out.protocol = in.number<uint16_t>(); }

void take(Take& in, Acknowledge& out) {
  out.outcome = in.number<uint8_t>(GARITA_STORED_DURABLE, GARITA_STORED_NOT);
  out.key = in.text(max_key_bytes);
}

// What the ranges of single fields do not say.
bool makes_sense(const ScanBegin& scan) { return !scan.key.empty(); }
bool makes_sense(const Line& line) { return !line.samples.empty() && line.samples.size() % 2 == 0; }
template <typename T>
bool makes_sense(const T&) {
  return true;
}

template <typename T>
Decoded decode_as(const Frame& frame, const char* name) {
  Take in(frame.payload);
  T message;
  take(in, message);
  if (in.done() && makes_sense(message)) return {GARITA_OK, {}, std::move(message)};
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
    return bytes(&value, sizeof value);
  }

  Put& text(const std::string& text, size_t limit = max_text_bytes) {
    const size_t size = std::min(text.size(), limit);
    return number(static_cast<uint16_t>(size)).bytes(text.data(), size);
  }

  Put& bytes(const void* data, size_t size) {
    const auto* first = static_cast<const std::byte*>(data);
    out_.insert(out_.end(), first, first + size);
    return *this;
  }

 private:
  std::vector<std::byte>& out_;
};

void put(Put out, const Hello& in) {
  out.number(in.protocol).number(in.clock_utc_ns).number(in.zone_s);
  out.text(in.vendor).text(in.model).text(in.serial).text(in.firmware);
}

void put(Put out, const Health& in) {
  out.number(in.state).number(in.code).number(in.clock_utc_ns).text(in.message);
}

void put(Put out, const Heartbeat& in) { out.number(in.clock_utc_ns); }

void put(Put out, const Calibration& in) {
  out.number(in.id).number(in.time_utc_ns).number(static_cast<uint8_t>(in.dark.size()));
  out.number(in.columns).number(in.averaged);
  for (const auto* lines : {&in.dark, &in.air})
    for (const auto& line : *lines) out.bytes(line.data(), line.size() * sizeof(uint32_t));
}

void put(Put out, const ScanBegin& in) {
  out.text(in.key, max_key_bytes).number(in.time_utc_ns).number(in.calibration_id).number(in.columns);
  out.number(static_cast<uint8_t>(in.energy_kev.size()))
      .bytes(in.energy_kev.data(), in.energy_kev.size() * 4);
  out.number(in.pitch_across_um).number(in.pitch_along_um);
  out.number(in.source_side).number(in.column_zero).number(in.row_zero);
  const size_t facts = std::min(in.facts.size(), max_facts);
  out.number(static_cast<uint16_t>(facts));
  for (size_t i = 0; i < facts; ++i) out.number(in.facts[i].first).text(in.facts[i].second);
}

void put(Put out, const Line& in) {
  out.number(in.index).number(in.dose_q16).number(in.time_utc_ns).number(in.position_um);
  out.bytes(in.samples.data(), in.samples.size());
}

void put(Put out, const ScanEnd& in) {
  out.number(in.outcome).number(in.lines).number(in.time_utc_ns).text(in.reason);
}

void put(Put out, const Start& in) { out.number(in.protocol); }

void put(Put out, const Acknowledge& in) { out.number(in.outcome).text(in.key, max_key_bytes); }

template <typename T>
constexpr Type type_of() {
  if constexpr (std::is_same_v<T, Hello>) return Type::hello;
  if constexpr (std::is_same_v<T, Health>) return Type::health;
  if constexpr (std::is_same_v<T, Heartbeat>) return Type::heartbeat;
  if constexpr (std::is_same_v<T, Calibration>) return Type::calibration;
  if constexpr (std::is_same_v<T, ScanBegin>) return Type::scan_begin;
  if constexpr (std::is_same_v<T, Line>) return Type::line;
  if constexpr (std::is_same_v<T, ScanEnd>) return Type::scan_end;
  if constexpr (std::is_same_v<T, Start>) return Type::start;
  if constexpr (std::is_same_v<T, Acknowledge>) return Type::acknowledge;
}

}  // namespace

Decoded decode(const Frame& frame) {
  switch (static_cast<Type>(frame.type)) {
    case Type::hello:
      return decode_as<Hello>(frame, "HELLO");
    case Type::health:
      return decode_as<Health>(frame, "HEALTH");
    case Type::heartbeat:
      return decode_as<Heartbeat>(frame, "HEARTBEAT");
    case Type::calibration:
      return decode_as<Calibration>(frame, "CALIBRATION");
    case Type::scan_begin:
      return decode_as<ScanBegin>(frame, "SCAN_BEGIN");
    case Type::line:
      return decode_as<Line>(frame, "LINE");
    case Type::scan_end:
      return decode_as<ScanEnd>(frame, "SCAN_END");
    case Type::start:
      return decode_as<Start>(frame, "START");
    case Type::acknowledge:
      return decode_as<Acknowledge>(frame, "ACK");
  }
  return {GARITA_PROTOCOL_ERROR, "message type " + std::to_string(frame.type) + " is not in the protocol",
          Message{}};
}

bool fits(const Line& line, const ScanBegin& scan) {
  return line.samples.size() == sizeof(uint16_t) * scan.columns * scan.energy_kev.size();
}

void encode(FrameWriter& frames, const Message& message, std::vector<std::byte>& out) {
  std::visit(
      [&](const auto& body) {
        frames.append(out, static_cast<uint16_t>(type_of<std::remove_cvref_t<decltype(body)>>()),
                      [&](std::vector<std::byte>& payload) { put(Put(payload), body); });
      },
      message);
}

bool LineCounter::unwrap(uint32_t index, uint64_t& unwrapped) {
  const uint32_t step = index - static_cast<uint32_t>(last_);
  if (started_ && (step == 0 || step >= 0x80000000u)) return false;
  last_ = started_ ? last_ + step : index;
  started_ = true;
  unwrapped = last_;
  return true;
}

}  // namespace garita::portal
