// What the simulated cargo portal sees: conveyances pulse by pulse, its calibrations, and what its own
// algorithm makes of it.
//
// Nothing here is known to the driver: the beam ends at 7.5 and 4 MV, detectors come in boards of sixteen
// that are not alike, and the lowest is the first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "drivers/nuctech/wire.hpp"
#include "tools/garita-sim/physics/beam.hpp"
#include "tools/garita-sim/physics/detector.hpp"
#include "tools/garita-sim/physics/random.hpp"
#include "tools/garita-sim/scenes.hpp"
#include "tools/garita-sim/truth.hpp"

namespace garita::sim {

struct CargoOptions {
  uint64_t seed = 1;
  std::string scene = "lorry";  // of scenes.hpp
  double misfires = 0;          // share of pulses that the accelerator leaves out
  std::vector<std::string> marks;  // codes that are found in every scan, wherever
  std::filesystem::path truth;     // folder for KEY.json and KEY.npy; may be empty
};

class CargoSource;

// One scan, pulse by pulse. The same number gives the same scan, so that it can be sent again.
class CargoPassage {
 public:
  CargoPassage(CargoSource& source, uint64_t number, std::string key, Truck conveyance, Random random);

  uint32_t pulses() const { return pulses_; }
  const nuctech::ScanBegin& papers() const {
    return papers_;
  }  // plate, container, operator, remarks, direction
  const nuctech::Verdict& verdict() const { return verdict_; }

  // Counts of pulse p, from the lowest detector up; called with p from 0 on. Gives its dose.
  uint16_t pulse(uint32_t p, std::span<uint16_t> raw);

  // After the last pulse: writes the ground truth where one is wanted.
  base::Result<void> finish();

 private:
  friend class CargoSource;

  void draw_papers(uint64_t number, const Truck& conveyance);
  void look_for_things(const Truck& conveyance);
  nuctech::Finding finding(const Solid& solid, const char* code, const char* label, uint8_t percent) const;
  base::Result<void> keep_truth();
  std::string json() const;

  CargoSource& source_;
  std::string key_;
  Random random_;
  Scene scene_;
  uint32_t pulses_ = 0;
  nuctech::ScanBegin papers_;
  std::string operator_name_, remarks_;  // in UTF-8
  nuctech::Verdict verdict_;
  std::vector<uint32_t> misfires_;
  std::array<std::vector<float>, ray_materials> densities_;
  std::array<std::vector<float>, 2> transmissions_;
  std::vector<uint16_t> line_;
  std::optional<DensityFile> density_file_;
  base::Result<void> truth_;
};

class CargoSource {
 public:
  static constexpr uint32_t high_kev = 7500, low_kev = 4000, averaged_pulses = 2048;
  static constexpr uint32_t pitch_across_um = 5600, pulse_pitch_um = 3000;

  explicit CargoSource(CargoOptions options);

  // Of the rows of the high energy, pairs of pulses apart; those of the low one lie half a row behind. What
  // stands on the ground is at rest where scenes.hpp puts it by default.
  static Geometry rows_geometry();

  uint16_t columns() const { return static_cast<uint16_t>(geometry_.columns); }
  const std::vector<uint32_t>& dead_columns() const { return array_.dead; }  // from the top

  // As measured at the start of a shift; the caller's to fill in: clock.
  nuctech::Calibration calibration(uint32_t id) const;

  // Errors: sim.unknown_scene, sim.cannot_write_truth.
  base::Result<std::unique_ptr<CargoPassage>> passage(uint64_t number, const std::string& key);

 private:
  friend class CargoPassage;

  CargoOptions options_;
  Geometry geometry_;  // from pulse to pulse
  Array array_;  // from the top
  DualBeam beam_{high_kev / 1000.0, low_kev / 1000.0};
};

}  // namespace garita::sim
