// A gantry made of a script: what came on which wire, in the order in which it came, on a clock that only
// waiting moves.
#pragma once

#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/load/services.hpp"
#include "drivers/rapiscan/wire.hpp"

namespace garita::rapiscan::test {

using Bytes = std::vector<std::byte>;

struct Chunk {
  bool datagram = false;
  Bytes bytes;
  garita_status status = GARITA_OK;  // else: what a read of this stream answers here
};

class Script final : public load::Services {
 public:
  std::deque<Chunk> chunks;
  bool ends = true;  // END behind the last chunk; else silence
  uint32_t longest_read = 1 << 20;
  std::map<std::string, image::Value, std::less<>> configuration;
  std::string written;  // on control
  size_t datagrams_written = 0;
  std::vector<std::string> log_lines;
  uint64_t clock_ns = 1'000'000'000;

  load::Answer stream_open(std::string_view name, uint64_t, garita_stream_info& info,
                           uint32_t& stream) override {
    stream = name == "lines" ? 1 : 0;
    info.kind = stream == 1 ? GARITA_STREAM_DATAGRAMS : GARITA_STREAM_BYTES;
    info.max_datagram_bytes = stream == 1 ? 65535 : 0;
    return {};
  }

  load::Answer stream_read(uint32_t stream, std::span<std::byte> out, uint64_t deadline_ns,
                           load::ReadInfo& info) override {
    Chunk* chunk = front(stream);
    if (chunk == nullptr) return ends ? load::Answer{GARITA_END, {}} : wait_in_vain(deadline_ns);
    if (chunk->status != GARITA_OK) {
      const garita_status status = chunk->status;
      if (status == GARITA_TIMEOUT) forget(chunk);
      return {status, "the script says so"};
    }
    const size_t size =
        std::min<size_t>({out.size(), chunk->bytes.size(), stream == 1 ? SIZE_MAX : longest_read});
    std::memcpy(out.data(), chunk->bytes.data(), size);
    info = {static_cast<uint32_t>(size), ++clock_ns, static_cast<int64_t>(clock_ns), 0};
    chunk->bytes.erase(chunk->bytes.begin(), chunk->bytes.begin() + static_cast<ptrdiff_t>(size));
    if (stream == 1 || chunk->bytes.empty()) forget(chunk);
    return {};
  }

  load::Answer stream_wait(std::span<const uint32_t> streams, uint64_t deadline_ns, uint64_t& ready,
                           std::span<uint64_t> oldest) override {
    ready = 0;
    for (size_t i = 0; i < streams.size(); ++i) {
      const Chunk* chunk = front(streams[i]);
      if (chunk == nullptr && !ends) continue;
      ready |= uint64_t{1} << i;
      oldest[i] = taken_ + 1 + (chunk ? static_cast<uint64_t>(place(chunk)) : chunks.size());
    }
    return ready != 0 ? load::Answer{} : wait_in_vain(deadline_ns);
  }

  load::Answer stream_write(uint32_t stream, std::span<const std::byte> data, uint64_t,
                            uint32_t& size) override {
    if (stream == 1) ++datagrams_written;
    if (stream == 0) written.append(reinterpret_cast<const char*>(data.data()), data.size());
    size = static_cast<uint32_t>(data.size());
    return {};
  }
  load::Answer stream_close(uint32_t) override { return {}; }
  load::Answer object_next(uint32_t, uint64_t, load::ObjectInfo&) override {
    return {GARITA_NOT_SUPPORTED, {}};
  }
  load::Answer object_sibling(uint64_t, std::string_view, load::ObjectInfo&) override {
    return {GARITA_NOT_SUPPORTED, {}};
  }
  load::Answer object_read_at(uint64_t, uint64_t, std::span<std::byte>, uint32_t&) override {
    return {GARITA_NOT_SUPPORTED, {}};
  }
  load::Answer object_done(uint64_t) override { return {GARITA_NOT_SUPPORTED, {}}; }
  load::Answer object_reject(uint64_t, uint32_t, std::string_view) override {
    return {GARITA_NOT_SUPPORTED, {}};
  }

  load::Answer strip_alloc(uint64_t size, uint32_t count, uint64_t,
                           std::vector<load::StripMemory>& out) override {
    const uint64_t capacity = (size + 63) / 64 * 64;
    while (count-- > 0) {
      auto* memory = static_cast<std::byte*>(std::aligned_alloc(64, capacity));
      std::memset(memory, 0xEE, capacity);
      out.push_back(
          {std::shared_ptr<std::byte>(memory, [](std::byte* bytes) { std::free(bytes); }), capacity});
    }
    return {};
  }

  uint64_t now_ns() override { return clock_ns; }
  bool time_is_virtual() const override { return true; }
  void log(uint32_t, std::string_view text) override { log_lines.emplace_back(text); }
  const image::Value* config(std::string_view key) override {
    const auto found = configuration.find(key);
    return found == configuration.end() ? nullptr : &found->second;
  }
  load::Answer text_to_utf8(std::string_view, std::span<const std::byte>, std::string&) override {
    return {GARITA_NOT_SUPPORTED, {}};
  }
  const garita_limits& limits() const override { return limits_; }
  void raise_cancel() override {}
  void lower_cancel() override {}

 private:
  Chunk* front(uint32_t stream) {
    for (Chunk& chunk : chunks)
      if (chunk.datagram == (stream == 1)) return &chunk;
    return nullptr;
  }
  ptrdiff_t place(const Chunk* wanted) const {
    ptrdiff_t at = 0;
    for (const Chunk& chunk : chunks)
      if (&chunk == wanted)
        return at;
      else
        ++at;
    return at;
  }
  void forget(const Chunk* chunk) {
    chunks.erase(chunks.begin() + place(chunk));
    ++taken_;
  }
  load::Answer wait_in_vain(uint64_t deadline_ns) {
    clock_ns = std::max(clock_ns, deadline_ns);
    return {GARITA_TIMEOUT, {}};
  }

  uint64_t taken_ = 0;
  garita_limits limits_{sizeof(garita_limits), GARITA_MAX_EVENT_BYTES, 1 << 20, 64u << 20, 8, 16, 8, 65536};
};

// The gantry's own words, a few columns wide.
class Words {
 public:
  static constexpr uint16_t columns = 4;

  std::deque<Chunk> chunks;
  ScanStart start;

  static uint16_t sample(uint32_t scan, uint64_t row, size_t column) {
    return static_cast<uint16_t>(scan * 1000 + row * 16 + column);
  }

  void say(const Message& message) {
    Chunk chunk;
    encode(frames_, message, chunk.bytes);
    chunks.push_back(std::move(chunk));
  }
  void hello() {
    frames_ = {};
    say(Hello{
        .session = 77, .boots = 3, .vendor = "Garita", .model = "RG-6/4", .serial = "RG1", .firmware = "1"});
    Calibration calibration;
    calibration.id = 1, calibration.columns = columns, calibration.averaged = 8;
    calibration.dark.assign(2, std::vector<uint32_t>(columns, 256));
    calibration.air.assign(2, std::vector<uint32_t>(columns, 56000 * 256));
    say(calibration);
  }
  void begin(uint32_t scan, uint8_t mode = 1, const Date& begun = {INT64_C(1795388706250000000), -7 * 3600}) {
    start = {};
    start.scan = scan, start.calibration = 1, start.mode = mode, start.columns = columns;
    start.begun = begun;
    start.high_kev = 6000, start.low_kev = 4000;
    start.pitch_across_um = 6000, start.line_pitch_um = 4000, start.pulse_rate_mhz = 300'000;
    start.first_sequence = 0xFFFFFFF0u + scan, start.first_pulse = 0xFFFFFF00u;
    say(start);
  }
  Bytes line_bytes(uint32_t index) const {
    const uint64_t row = index / start.mode;
    const Energy energy = start.mode == 1 ? Energy::both : index % 2 == 0 ? Energy::high : Energy::low;
    std::vector<uint16_t> samples;
    for (size_t column = 0; column < 2 * columns; ++column)
      if (energy == Energy::both || (column < columns) == (energy == Energy::high))
        samples.push_back(sample(start.scan, row, column));
    return encode_line(
        {start.scan, start.first_sequence + index, start.first_pulse + index, 65000, energy, columns, {}},
        samples);
  }
  void line(uint32_t index) { chunks.push_back({true, line_bytes(index), GARITA_OK}); }
  void lines(uint32_t first, uint32_t count) {
    for (uint32_t i = first; i < first + count; ++i) line(i);
  }
  void end(uint32_t datagrams) {
    say(ScanEnd{.scan = start.scan, .datagrams = datagrams, .last_pulse = start.first_pulse + datagrams - 1});
  }
  void whole(uint32_t scan, uint32_t count, uint8_t mode = 1) {
    begin(scan, mode);
    lines(0, count);
    end(count);
  }

 private:
  FrameWriter frames_;
};

}  // namespace garita::rapiscan::test
