#include "tools/garita-sim/fleet_tape.hpp"

#include <algorithm>
#include <cstring>

#include "garita/scan.h"
#include "tools/garita-sim/portal_source.hpp"

namespace garita::sim {
namespace {

constexpr int64_t line_period_ns = 2'500'000;

uint32_t load32(const std::byte* from) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<uint32_t>(from[i]);
  return value;
}

void store32(std::byte* to, uint32_t value) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<std::byte>(value >> (8 * i));
}

// The nearest of `from` that belongs to place i of `count`.
template <typename T>
T stretched(std::span<const T> from, size_t i, size_t count) {
  return from[i * from.size() / count];
}

}  // namespace

std::vector<std::byte> frame_of(const portal::Message& message) {
  std::vector<std::byte> out;
  portal::FrameWriter frames;
  portal::encode(frames, message, out);
  return out;
}

// The places are those of drivers/portal/frame.hpp.
void number_frames(std::span<std::byte> frames, uint32_t& sequence) {
  while (frames.size() >= portal::frame_header_bytes) {
    const size_t whole =
        portal::frame_header_bytes + load32(frames.data() + 12) + portal::frame_trailer_bytes;
    store32(frames.data() + 8, sequence++);
    store32(frames.data() + 16, portal::crc32(frames.first(16)));
    frames = frames.subspan(std::min(whole, frames.size()));
  }
}

base::Result<std::shared_ptr<const FleetTape>> FleetTape::make(const TapeOptions& options) {
  std::shared_ptr<FleetTape> tape(new FleetTape(options));
  GARITA_TRY(tape->record());
  return std::shared_ptr<const FleetTape>(tape);
}

// The lorry as the portal simulator makes it, stretched to the size that was asked for.
base::Result<void> FleetTape::record() {
  const auto source = truck_source(options_.seed, "");
  const size_t columns = source->columns();
  const portal::Calibration measured = source->calibration(1);
  calibration_ = measured;
  calibration_.id = 1;
  calibration_.columns = options_.columns;
  for (auto* planes : {&calibration_.dark, &calibration_.air})
    for (std::vector<uint32_t>& plane : *planes) {
      const std::vector<uint32_t> narrow = plane;
      plane.resize(options_.columns);
      for (size_t i = 0; i < plane.size(); ++i) plane[i] = stretched(std::span(narrow), i, plane.size());
    }
  GARITA_TRY_ASSIGN(passage, source->passage(1, "tape"));
  begin_.calibration_id = 1;
  begin_.columns = options_.columns;
  begin_.energy_kev = source->energies_kev();
  begin_.pitch_across_um = source->pitch_across_um();
  begin_.pitch_along_um = source->pitch_along_um();
  begin_.facts = passage->facts();

  const size_t channels = begin_.energy_kev.size();
  std::vector<uint16_t> raw(columns * channels), wide(options_.columns * channels);
  uint32_t made = 0, dose = 0;
  for (uint32_t i = 0; i < options_.lines; ++i) {
    const uint32_t wanted = i * passage->lines() / options_.lines;
    for (; made <= wanted; ++made) dose = passage->line(made, raw);
    for (size_t channel = 0; channel < channels; ++channel)
      for (size_t c = 0; c < options_.columns; ++c)
        wide[channel * options_.columns + c] = stretched(
            std::span<const uint16_t>(raw).subspan(channel * columns, columns), c, options_.columns);
    const auto frame =
        frame_of(portal::Line{i, dose, begin_.time_utc_ns + line_period_ns * i,
                              int64_t{i} * begin_.pitch_along_um, std::as_bytes(std::span(wide))});
    frame_bytes_ = frame.size();
    frames_.insert(frames_.end(), frame.begin(), frame.end());
  }
  return {};
}

void FleetTape::head(const std::string& key, int64_t utc_ns, std::vector<std::byte>& out) const {
  portal::Calibration calibration = calibration_;
  portal::ScanBegin begin = begin_;
  calibration.time_utc_ns = utc_ns;
  begin.key = key;
  begin.time_utc_ns = utc_ns;
  for (const auto& frame : {frame_of(calibration), frame_of(begin)})
    out.insert(out.end(), frame.begin(), frame.end());
}

void FleetTape::lines(uint32_t first, uint32_t last, std::vector<std::byte>& out) const {
  const auto at = [&](uint32_t line) {
    return frames_.begin() + static_cast<std::ptrdiff_t>(line * frame_bytes_);
  };
  out.insert(out.end(), at(first), at(last));
}

void FleetTape::tail(int64_t utc_ns, std::vector<std::byte>& out) const {
  const auto frame = frame_of(portal::ScanEnd{GARITA_SCAN_COMPLETE, options_.lines, utc_ns, ""});
  out.insert(out.end(), frame.begin(), frame.end());
}

}  // namespace garita::sim
