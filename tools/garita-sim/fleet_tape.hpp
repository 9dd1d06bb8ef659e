// One scan of a lorry, made once and played by every lane of a fleet: what a lane costs is then sending, and
// nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "drivers/portal/wire.hpp"

namespace garita::sim {

struct TapeOptions {
  uint64_t seed = 1;
  uint32_t columns = 682, lines = 1400;
};

// A message as one frame, numbered 0.
std::vector<std::byte> frame_of(const portal::Message& message);

// Gives the frames, which must be whole, the numbers from `sequence` on.
void number_frames(std::span<std::byte> frames, uint32_t& sequence);

class FleetTape {
 public:
  static base::Result<std::shared_ptr<const FleetTape>> make(const TapeOptions& options);

  uint32_t lines() const { return options_.lines; }

  // Appended to `out`, numbered 0. head: calibration and SCAN_BEGIN with the scan's own key and time.
  void head(const std::string& key, int64_t utc_ns, std::vector<std::byte>& out) const;
  void lines(uint32_t first, uint32_t last, std::vector<std::byte>& out) const;
  void tail(int64_t utc_ns, std::vector<std::byte>& out) const;

 private:
  explicit FleetTape(const TapeOptions& options) : options_(options) {}
  base::Result<void> record();

  const TapeOptions options_;
  portal::Calibration calibration_;
  portal::ScanBegin begin_;
  std::vector<std::byte> frames_;  // of all lines, each of frame_bytes_
  size_t frame_bytes_ = 0;
};

}  // namespace garita::sim
