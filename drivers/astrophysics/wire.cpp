#include "drivers/astrophysics/wire.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "garita/event.h"
#include "garita/ext/stored.h"
#include "garita/scan.h"
#include "garita/view.h"
#include "garita/wire.hpp"

namespace garita::astrophysics {
namespace {

// Takes fields off a body; after the first that is not there all are zero and good() is false.
class Take {
 public:
  explicit Take(std::span<const std::byte> bytes) : left_(bytes) {}

  template <typename T>
  T number() {
    const auto bytes = raw(sizeof(T));
    return bytes.empty() ? T{} : read_as<T>(bytes.data());
  }
  template <typename T>
  T number(T lowest, T highest) {
    const T value = number<T>();
    if (!(value >= lowest && value <= highest)) good_ = false;
    return value;
  }
  int64_t moment() { return number<int64_t>(-max_clock_us, max_clock_us); }
  int64_t moment_or_unknown() {
    const auto value = number<int64_t>();
    if (value != unknown_us && (value < -max_clock_us || value > max_clock_us)) good_ = false;
    return value;
  }
  double real() {
    const auto value = number<double>();
    if (!std::isfinite(value)) good_ = false;
    return value;
  }
  std::string text() {
    const auto bytes = raw(number<uint8_t>());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
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

ViewForm take_view(Take& in) {
  ViewForm view;
  view.columns = in.number<uint16_t>(1, max_columns);
  view.pitch_across_um = in.number<uint32_t>();
  view.pitch_along_um = in.number<uint32_t>(0, 1'000'000);
  view.source_side = in.number<uint8_t>(GARITA_SOURCE_LEFT, GARITA_SOURCE_BOTTOM);
  view.column_zero = in.number<uint8_t>(GARITA_COLUMN_ZERO_TOP, GARITA_COLUMN_ZERO_RIGHT);
  view.angle_deg10 = in.number<int16_t>(-1800, 1800);
  view.high_kv = in.number<uint16_t>(1, 60000);
  view.low_kv = in.number<uint16_t>(0, view.high_kv);
  view.scale = static_cast<Scale>(in.number<uint8_t>(1, 2));
  view.slope = in.real();
  view.intercept = in.real();
  view.operator_channel = in.number<uint8_t>(0, 1) == 1;
  return view;
}

void take(Take& in, Identity& out) {
  out.protocol = in.number<uint16_t>();
  for (std::string* text : {&out.model, &out.serial, &out.firmware}) *text = in.text();
  const auto views = in.number<uint8_t>(1, max_views);
  for (uint8_t i = 0; in.good() && i < views; ++i) out.views.push_back(take_view(in));
}

void take(Take& in, Clock& out) {
  out.device_us = in.moment();
  out.offset_us = in.moment_or_unknown();
}

void take(Take& in, State& out) {
  out.state = in.number<uint8_t>(GARITA_HEALTH_WARMING_UP, GARITA_HEALTH_FAULT);
  out.code = in.number<uint16_t>();
  out.message = in.text();
}

void take(Take& in, Belt& out) {
  out.motion = static_cast<Motion>(in.number<uint8_t>(1, 3));
  out.device_us = in.moment();
}

void take(Take& in, Bag& out) {
  out.key = in.text();
  out.device_us = in.moment();
  out.subject = static_cast<Subject>(in.number<uint8_t>(1, 3));
  out.papers = in.text();
}

void take(Take& in, Line& out) {
  out.line = in.number<uint32_t>();
  out.after_us = in.number<uint32_t>();
  out.samples = in.rest();
}

void take(Take& in, Found& out) {
  out.code = in.number<uint8_t>();
  out.confidence_percent = in.number<uint8_t>(0, 100);
  out.label = in.text();
  const auto points = in.number<uint8_t>(3, max_points);
  for (uint8_t i = 0; in.good() && i < points; ++i) {
    const auto column = in.number<uint16_t>();
    out.points.push_back({column, in.number<uint32_t>()});
  }
}

void take(Take& in, BagEnd& out) {
  out.outcome = in.number<uint8_t>(GARITA_SCAN_COMPLETE, GARITA_SCAN_FAULT);
  out.device_us = in.moment();
  for (uint32_t& lines : out.lines) lines = in.number<uint32_t>();
  out.reason = in.text();
}

void take(Take& in, Alive& out) { out.device_us = in.moment(); }
void take(Take& in, Run& out) { out.protocol = in.number<uint16_t>(); }

void take(Take& in, Done& out) {
  out.outcome = in.number<uint8_t>(GARITA_STORED_DURABLE, GARITA_STORED_NOT);
  out.key = in.text();
}

// What the ranges of single fields do not say.
bool makes_sense(const Identity& identity) {
  return std::none_of(identity.views.begin(), identity.views.end(),
                      [](const ViewForm& view) { return view.slope == 0; });
}
bool makes_sense(const Bag& bag) { return !bag.key.empty() && bag.key.size() <= max_key_bytes; }
template <typename T>
bool makes_sense(const T&) {
  return true;
}

template <typename T>
constexpr bool of_a_view = std::is_same_v<T, Line> || std::is_same_v<T, Found>;

template <typename T>
Decoded decode_as(const Frame& frame, const char* name) {
  Take in(frame.body);
  T message;
  take(in, message);
  if constexpr (of_a_view<T>) message.view = frame.view;
  if (in.done() && makes_sense(message) && frame.view < (of_a_view<T> ? max_views : 1))
    return {GARITA_OK, {}, std::move(message)};
  return {GARITA_PROTOCOL_ERROR,
          std::string(name) + " of " + std::to_string(frame.body.size()) +
              " bytes holds what the protocol does not have",
          Message{}};
}

// Puts fields behind what is there.
class Put {
 public:
  template <typename T>
  Put& number(T value) {
    const auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
    out.insert(out.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Put& text(const std::string& text) {
    const size_t size = std::min<size_t>(text.size(), 255);
    number(static_cast<uint8_t>(size));
    return bytes(std::as_bytes(std::span(text).first(size)));
  }
  Put& bytes(std::span<const std::byte> from) {
    out.insert(out.end(), from.begin(), from.end());
    return *this;
  }

  std::vector<std::byte> out;
};

void put(Put& out, const Identity& in) {
  out.number(in.protocol).text(in.model).text(in.serial).text(in.firmware);
  out.number(static_cast<uint8_t>(in.views.size()));
  for (const ViewForm& view : in.views) {
    out.number(view.columns).number(view.pitch_across_um).number(view.pitch_along_um);
    out.number(view.source_side).number(view.column_zero).number(view.angle_deg10);
    out.number(view.high_kv).number(view.low_kv).number(static_cast<uint8_t>(view.scale));
    out.number(view.slope).number(view.intercept).number(static_cast<uint8_t>(view.operator_channel));
  }
}
void put(Put& out, const Clock& in) { out.number(in.device_us).number(in.offset_us); }
void put(Put& out, const State& in) { out.number(in.state).number(in.code).text(in.message); }
void put(Put& out, const Belt& in) { out.number(static_cast<uint8_t>(in.motion)).number(in.device_us); }
void put(Put& out, const Bag& in) {
  out.text(in.key).number(in.device_us).number(static_cast<uint8_t>(in.subject)).text(in.papers);
}
void put(Put& out, const Line& in) { out.number(in.line).number(in.after_us).bytes(in.samples); }
void put(Put& out, const Found& in) {
  out.number(in.code).number(in.confidence_percent).text(in.label);
  out.number(static_cast<uint8_t>(in.points.size()));
  for (const Point& point : in.points) out.number(point.column).number(point.line);
}
void put(Put& out, const BagEnd& in) {
  out.number(in.outcome).number(in.device_us);
  for (const uint32_t lines : in.lines) out.number(lines);
  out.text(in.reason);
}
void put(Put& out, const Alive& in) { out.number(in.device_us); }
void put(Put& out, const Run& in) { out.number(in.protocol); }
void put(Put& out, const Done& in) { out.number(in.outcome).text(in.key); }

template <typename T>
constexpr Type type_of() {
  if constexpr (std::is_same_v<T, Identity>) return Type::identity;
  if constexpr (std::is_same_v<T, Clock>) return Type::clock;
  if constexpr (std::is_same_v<T, State>) return Type::state;
  if constexpr (std::is_same_v<T, Belt>) return Type::belt;
  if constexpr (std::is_same_v<T, Bag>) return Type::bag;
  if constexpr (std::is_same_v<T, Line>) return Type::line;
  if constexpr (std::is_same_v<T, Found>) return Type::found;
  if constexpr (std::is_same_v<T, BagEnd>) return Type::bag_end;
  if constexpr (std::is_same_v<T, Alive>) return Type::alive;
  if constexpr (std::is_same_v<T, Run>) return Type::run;
  if constexpr (std::is_same_v<T, Done>) return Type::done;
}

}  // namespace

Decoded decode(const Frame& frame) {
  switch (static_cast<Type>(frame.type)) {
    case Type::identity:
      return decode_as<Identity>(frame, "IDENTITY");
    case Type::clock:
      return decode_as<Clock>(frame, "CLOCK");
    case Type::state:
      return decode_as<State>(frame, "STATE");
    case Type::belt:
      return decode_as<Belt>(frame, "BELT");
    case Type::bag:
      return decode_as<Bag>(frame, "BAG");
    case Type::line:
      return decode_as<Line>(frame, "LINE");
    case Type::found:
      return decode_as<Found>(frame, "FOUND");
    case Type::bag_end:
      return decode_as<BagEnd>(frame, "BAG_END");
    case Type::alive:
      return decode_as<Alive>(frame, "ALIVE");
    case Type::run:
      return decode_as<Run>(frame, "RUN");
    case Type::done:
      return decode_as<Done>(frame, "DONE");
  }
  return {GARITA_PROTOCOL_ERROR, "message type " + std::to_string(frame.type) + " is not in the protocol",
          Message{}};
}

void encode(FrameWriter& frames, const Message& message, std::vector<std::byte>& out) {
  std::visit(
      [&](const auto& body) {
        using T = std::remove_cvref_t<decltype(body)>;
        uint8_t view = 0;
        if constexpr (of_a_view<T>) view = body.view;
        Put bytes;
        put(bytes, body);
        frames.append(out, static_cast<uint8_t>(type_of<T>()), view, bytes.out);
      },
      message);
}

void unpack(std::span<const std::byte> packed, size_t first, std::span<uint16_t> out) {
  const auto at = [&](size_t byte) { return static_cast<unsigned>(packed[byte]); };
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t sample = first + i, byte = sample / 2 * 3 + sample % 2;
    out[i] = static_cast<uint16_t>(sample % 2 == 0 ? at(byte) | (at(byte + 1) & 0xF) << 8
                                                   : at(byte) >> 4 | at(byte + 1) << 4);
  }
}

void pack(std::span<const uint16_t> samples, std::vector<std::byte>& out) {
  for (size_t i = 0; i < samples.size(); i += 2) {
    const unsigned low = samples[i], high = i + 1 < samples.size() ? samples[i + 1] : 0u;
    out.push_back(static_cast<std::byte>(low));
    out.push_back(static_cast<std::byte>((low >> 8 & 0xF) | high << 4));
    if (i + 1 < samples.size()) out.push_back(static_cast<std::byte>(high >> 4));
  }
}

}  // namespace garita::astrophysics
