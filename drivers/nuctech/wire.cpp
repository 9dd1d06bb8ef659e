#include "drivers/nuctech/wire.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "garita/event.h"
#include "garita/ext/stored.h"
#include "garita/scan.h"
#include "garita/view.h"

namespace garita::nuctech {
namespace {

// In nanoseconds they still fit into 64 bits, zone and all: until the year 2255.
constexpr int64_t max_clock_ms = 9'000'000'000'000;
constexpr uint32_t max_pitch_um = 1'000'000, max_pulse_us = 1'000'000, max_energy_kev = 100'000;

// Takes fields off a payload; after the first that is not there all are zero and good() is false.
class Take {
 public:
  explicit Take(std::span<const std::byte> bytes) : left_(bytes) {}

  template <typename T>
  void number(T& value) {
    const auto bytes = raw(sizeof(T));
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof value);
  }

  template <typename T>
  void number(T& value, T lowest, T highest) {
    number(value);
    if (value < lowest || value > highest) good_ = false;
  }

  void clock(int64_t& value) { number<int64_t>(value, 0, max_clock_ms); }

  void text(Text& text, size_t limit = max_text_bytes) {
    uint8_t charset = 0;
    uint16_t size = 0;
    number<uint8_t>(charset, 0, 1);
    number<uint16_t>(size, 0, static_cast<uint16_t>(limit));
    const auto bytes = raw(size);
    text = {Charset{charset}, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())};
  }

  // count is at most a few thousand: what is allocated is bounded, and only made where the bytes are there.
  template <typename T>
  void numbers(std::vector<T>& values, size_t count) {
    const auto bytes = raw(count * sizeof(T));
    values.resize(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  }

  std::span<const std::byte> rest() { return raw(left_.size()); }

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

// Puts fields behind what is there: the same words as Take, so that one list of fields serves both.
class Put {
 public:
  explicit Put(std::vector<std::byte>& out) : out_(out) {}

  template <typename T>
  void number(const T& value) {
    bytes(&value, sizeof value);
  }
  template <typename T>
  void number(const T& value, T, T) {
    number(value);
  }
  void clock(const int64_t& value) { number(value); }

  void text(const Text& text, size_t limit = max_text_bytes) {
    const size_t size = std::min(text.bytes.size(), limit);
    number(text.charset);
    number(static_cast<uint16_t>(size));
    bytes(text.bytes.data(), size);
  }

  template <typename T>
  void numbers(const std::vector<T>& values, size_t) {
    bytes(values.data(), values.size() * sizeof(T));
  }

  void bytes(const void* data, size_t size) {
    const auto* first = static_cast<const std::byte*>(data);
    out_.insert(out_.end(), first, first + size);
  }

 private:
  std::vector<std::byte>& out_;
};

// The fields of each message, in order. Wire: Take with a message, or Put with a const one.
template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const Greeting> {
  wire.number(m.protocol);
  wire.template number<int16_t>(m.zone_min, -1080, 1080);
  wire.clock(m.clock_ms);
  for (auto* text : {&m.vendor, &m.model, &m.serial, &m.firmware, &m.station}) wire.text(*text);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const Status> {
  wire.template number<uint8_t>(m.state, GARITA_HEALTH_WARMING_UP, GARITA_HEALTH_FAULT);
  wire.number(m.code);
  wire.clock(m.clock_ms);
  wire.text(m.message);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const Calibration> {
  wire.template number<uint32_t>(m.id, 1, UINT32_MAX);
  wire.clock(m.clock_ms);
  wire.template number<uint16_t>(m.columns, 1, max_columns);
  wire.template number<uint32_t>(m.averaged, 1, max_averaged);
  wire.numbers(m.sums, size_t{m.columns} * 4);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const ScanBegin> {
  wire.text(m.key, max_key_bytes);
  wire.clock(m.clock_ms);
  wire.template number<uint32_t>(m.calibration_id, 1, UINT32_MAX);
  wire.template number<uint16_t>(m.columns, 1, max_columns);
  for (auto* energy : {&m.high_kev, &m.low_kev}) wire.template number<uint32_t>(*energy, 1, max_energy_kev);
  for (auto* pitch : {&m.pitch_across_um, &m.pulse_pitch_um})
    wire.template number<uint32_t>(*pitch, 1, max_pitch_um);
  wire.template number<uint8_t>(m.source_side, GARITA_SOURCE_LEFT, GARITA_SOURCE_RIGHT);
  wire.template number<uint8_t>(m.detector_zero, GARITA_COLUMN_ZERO_TOP, GARITA_COLUMN_ZERO_BOTTOM);
  wire.template number<uint8_t>(m.travel, GARITA_ROW_ZERO_FRONT, GARITA_ROW_ZERO_REAR);
  wire.template number<uint8_t>(m.direction, 0, 2);
  for (auto* text : {&m.plate, &m.container, &m.operator_name, &m.remarks}) wire.text(*text);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const Block> {
  wire.number(m.first_pulse);
  wire.template number<uint16_t>(m.pulses, 2, max_pulses);
  wire.clock(m.clock_ms);
  wire.template number<uint32_t>(m.pulse_us, 1, max_pulse_us);
  wire.numbers(m.dose_q15, m.pulses);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const Finding> {
  wire.text(m.code);
  wire.text(m.label);
  for (auto* x : {&m.x0, &m.x1}) wire.number(*x);
  for (auto* y : {&m.y0, &m.y1}) wire.number(*y);
  wire.number(m.percent);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const Verdict> {
  wire.template number<uint8_t>(m.verdict, 1, 3);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const ScanEnd> {
  wire.template number<uint8_t>(m.outcome, GARITA_SCAN_COMPLETE, GARITA_SCAN_FAULT);
  wire.number(m.pulses);
  wire.clock(m.clock_ms);
  wire.text(m.reason);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const Start> {
  wire.number(m.protocol);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const Calibrate> {
  wire.number(m.id);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const Go> {
  wire.text(m.key, max_key_bytes);
}

template <typename Wire, typename M>
void fields(Wire& wire, M& m) requires std::is_same_v<const M, const Stored> {
  wire.template number<uint8_t>(m.outcome, GARITA_STORED_DURABLE, GARITA_STORED_NOT);
  wire.text(m.key, max_key_bytes);
}

// What follows the fixed fields of some messages.
template <typename M>
void take_rest(Take&, M&) {}
void take_rest(Take& in, Block& block) { block.raw = in.rest(); }
void take_rest(Take& in, Verdict& verdict) {
  uint16_t findings = 0;
  in.number<uint16_t>(findings, 0, max_findings);
  for (uint16_t i = 0; in.good() && i < findings; ++i) fields(in, verdict.findings.emplace_back());
}

template <typename M>
void put_rest(Put&, const M&) {}
void put_rest(Put& out, const Block& block) { out.bytes(block.raw.data(), block.raw.size()); }
void put_rest(Put& out, const Verdict& verdict) {
  const size_t findings = std::min(verdict.findings.size(), max_findings);
  out.number(static_cast<uint16_t>(findings));
  for (size_t i = 0; i < findings; ++i) fields(out, verdict.findings[i]);
}

// What the ranges of single fields do not say.
template <typename M>
bool makes_sense(const M&) {
  return true;
}
bool makes_sense(const ScanBegin& scan) {
  return !scan.key.bytes.empty() && scan.key.charset == Charset::utf8 && scan.low_kev < scan.high_kev;
}
bool makes_sense(const Block& block) {
  return block.pulses % 2 == 0 && block.first_pulse % 2 == 0 &&
         block.first_pulse <= UINT32_MAX - block.pulses && !block.raw.empty() &&
         block.raw.size() % (2 * size_t{block.pulses}) == 0;
}
bool makes_sense(const Calibration& calibration) {
  const uint64_t most = uint64_t{65535} * calibration.averaged;
  return std::all_of(calibration.sums.begin(), calibration.sums.end(),
                     [&](uint32_t sum) { return sum <= most; });
}

template <typename M>
Decoded decode_as(const Frame& frame, const char* name) {
  Take in(frame.payload);
  M message;
  fields(in, message);
  take_rest(in, message);
  if (in.done() && makes_sense(message)) return {GARITA_OK, {}, std::move(message)};
  return {GARITA_PROTOCOL_ERROR,
          std::string(name) + " of " + std::to_string(frame.payload.size()) +
              " bytes holds what the protocol does not have",
          {}};
}

}  // namespace

Decoded decode(const Frame& frame) {
  switch (static_cast<Type>(frame.type)) {
    case Type::greeting:
      return decode_as<Greeting>(frame, "GREETING");
    case Type::status:
      return decode_as<Status>(frame, "STATUS");
    case Type::calibration:
      return decode_as<Calibration>(frame, "CALIBRATION");
    case Type::scan_begin:
      return decode_as<ScanBegin>(frame, "SCAN_BEGIN");
    case Type::block:
      return decode_as<Block>(frame, "BLOCK");
    case Type::verdict:
      return decode_as<Verdict>(frame, "VERDICT");
    case Type::scan_end:
      return decode_as<ScanEnd>(frame, "SCAN_END");
    case Type::start:
      return decode_as<Start>(frame, "START");
    case Type::calibrate:
      return decode_as<Calibrate>(frame, "CALIBRATE");
    case Type::go:
      return decode_as<Go>(frame, "GO");
    case Type::stored:
      return decode_as<Stored>(frame, "STORED");
  }
  return {GARITA_PROTOCOL_ERROR,
          "message of type " + std::to_string(frame.type) + " is none of the protocol",
          {}};
}

void encode(FrameWriter& frames, const Message& message, std::vector<std::byte>& out) {
  std::visit(
      [&]<typename M>(const M& body) {
        frames.append(out, static_cast<uint16_t>(M::type), [&](std::vector<std::byte>& payload) {
          Put put(payload);
          fields(put, body);
          put_rest(put, body);
        });
      },
      message);
}

bool fits(const Block& block, const ScanBegin& scan) {
  return block.raw.size() == size_t{scan.columns} * block.pulses * sizeof(uint16_t);
}

}  // namespace garita::nuctech
