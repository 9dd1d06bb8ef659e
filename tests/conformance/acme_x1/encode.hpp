// What an acme-x1 would send if it saw this scene: calibration, begin, lines, end.
#pragma once

#include "garita_twin.hpp"
#include "wire.hpp"

namespace acme {

inline void say(std::vector<std::byte>& out, const wire::Message& message) {
  const std::vector<std::byte> frame = wire::encode(message);
  out.insert(out.end(), frame.begin(), frame.end());
}

inline std::vector<std::byte> encode(const garita::twin::Scene& scene) {
  std::vector<std::byte> out;
  wire::Calibration lines;
  for (uint32_t column = 0; column < scene.columns; ++column) {  // no two detectors are alike
    lines.dark.push_back(300 + 2.0 * (column % 7));
    lines.air.push_back(52000 + 40.0 * (column % 11));
  }
  say(out, lines);
  say(out,
      wire::Begin{scene.time_utc_ns, static_cast<uint16_t>(scene.columns), 5000, scene.key, scene.plate});
  for (uint32_t row = 0; row < scene.rows; ++row) {
    wire::Line line{static_cast<uint16_t>(row), {}};
    for (uint32_t column = 0; column < scene.columns; ++column) {
      const double dark = lines.dark[column], air = lines.air[column];
      line.counts.push_back(
          static_cast<uint16_t>(dark + (air - dark) * static_cast<double>(scene.at(0, row, column)) + 0.5));
    }
    say(out, line);
  }
  say(out, wire::End{scene.rows});
  return out;
}

}  // namespace acme
