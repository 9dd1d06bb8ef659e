// What a simulated portal has to send: its calibration, and one passage after the other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "drivers/portal/wire.hpp"

namespace garita::sim {

// What stands in the papers of a passage; portal::Fact and its text.
using Facts = std::vector<std::pair<uint8_t, std::string>>;

// One scan, line by line. The same number gives the same scan, so that it can be sent again.
class Passage {
 public:
  virtual ~Passage() = default;

  virtual uint32_t lines() const = 0;
  virtual const Facts& facts() const = 0;

  // Line i, called with i from 0 on; raw: columns of the first energy, then of the second. Gives its dose.
  virtual uint32_t line(uint32_t i, std::span<uint16_t> raw) = 0;

  // After the last line: writes the ground truth where one is wanted.
  virtual base::Result<void> finish() = 0;
};

class PortalSource {
 public:
  virtual ~PortalSource() = default;

  virtual uint32_t columns() const = 0;
  virtual std::vector<uint32_t> energies_kev() const = 0;
  virtual uint32_t pitch_across_um() const = 0;
  virtual uint32_t pitch_along_um() const = 0;
  virtual const std::vector<uint32_t>& dead_columns() const = 0;

  // As measured for the id-th time. id and times are the caller's to fill in.
  virtual portal::Calibration calibration(uint32_t id) = 0;

  // key: names the ground truth's files. Errors: sim.cannot_write_truth.
  virtual base::Result<std::unique_ptr<Passage>> passage(uint64_t number, const std::string& key) = 0;
};

// Lorries with random loads, 6 and 4 MV. truth: folder for KEY.json and KEY.npy, or empty. pitch_along_um ≥ 1000:
// how far a lorry goes from line to line. scene: what passes instead, see scenes.hpp; must be one of them.
std::unique_ptr<PortalSource> truck_source(uint64_t seed, std::filesystem::path truth,
                                           uint32_t pitch_along_um = 5000, std::string_view scene = "lorry");

struct ImageOptions {
  std::filesystem::path image;  // .npy
  double air = 65535;           // the value of the open beam
  uint32_t pitch_across_um = 5000, pitch_along_um = 5000;
  Facts facts;
};

// A given image, exactly: .npy of u16, (rows, columns) or (rows, columns, 1 or 2), row 0 = top, column 0 =
// front. raw = round(dark + gain · value), gain 0.7 … 0.9 by detector, nothing clipped, no noise, dose 1;
// some detectors dead. The dark and air lines sent are exact in 1/256 counts, with gain = (air − dark) / A.
// Errors: as exporter::NpyReader; sim.image_shape {path, shape}, sim.image_above_air {path, value, air}.
base::Result<std::unique_ptr<PortalSource>> image_source(const ImageOptions& options, uint64_t seed,
                                                         std::filesystem::path truth);

}  // namespace garita::sim
