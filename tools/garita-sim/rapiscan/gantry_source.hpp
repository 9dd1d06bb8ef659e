// What the simulated gantry sees: conveyances line by line, through a beam and detectors that its driver does
// not know.
//
// Levels and noise are those of published raw images of a rail scanner: open field around 55 … 57 thousand
// counts with a standard deviation of 800 … 975, some saturated samples (a few detectors of high gain), 2 … 5
// % zeros: dead detectors, and what stands behind too much, for the electronics take the dark level off
// before they count.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "drivers/rapiscan/wire.hpp"
#include "tools/garita-sim/physics/beam.hpp"
#include "tools/garita-sim/physics/detector.hpp"
#include "tools/garita-sim/physics/random.hpp"
#include "tools/garita-sim/scenes.hpp"
#include "tools/garita-sim/truth.hpp"

namespace garita::sim {

struct GantryOptions {
  uint64_t seed = 1;
  std::string scene = "lorry";  // of scenes.hpp
  bool rail = false;            // a rail car rolls by, with axles; else the gantry moves
  bool in_turn = false;         // energies alternate from pulse to pulse
  uint32_t columns = 682;
  std::vector<std::string> marks;  // codes that are found in every scan, wherever
  std::filesystem::path truth;  // folder for KEY.json and KEY.npy; may be empty
};

class GantrySource;

// One scan, line by line. The same number gives the same scan.
class GantryPassage {
 public:
  GantryPassage(GantrySource& source, uint64_t number, Truck conveyance, Random random);

  uint32_t lines() const { return lines_; }
  // All but scan, begun, calibration and counters, which the connection knows.
  const rapiscan::ScanStart& start() const { return start_; }
  // What its algorithm marks: what is hidden in the load, and what it was asked to; all but scan.
  const std::vector<rapiscan::Found>& found() const { return found_; }

  // Counts of line i, called with i from 0 on. Gives its dose.
  uint32_t line(uint32_t i, std::span<uint16_t> high, std::span<uint16_t> low);

  // After the last line; lost: lines that were left out of the wire on purpose.
  base::Result<void> keep_truth(const std::string& key, const std::vector<uint32_t>& lost);

 private:
  void draw_facts(uint64_t number, const Truck& conveyance);
  void look_for_things(const Truck& conveyance);
  void transmit(double x_m);

  GantrySource& source_;
  Random random_;
  double line_pitch_m_;
  Scene scene_;
  uint32_t lines_;
  rapiscan::ScanStart start_;
  std::vector<rapiscan::Found> found_;
  std::array<std::vector<float>, ray_materials> densities_;
  std::array<std::vector<float>, 2> transmissions_;
  std::vector<std::array<std::vector<float>, ray_materials>> kept_;
};

class GantrySource {
 public:
  static constexpr uint32_t high_kev = 6000, low_kev = 4000;  // as the gantry says; its beam ends elsewhere
  static constexpr uint32_t pulse_rate_mhz = 300'000, averaged_lines = 1024;

  explicit GantrySource(GantryOptions options);

  const GantryOptions& options() const { return options_; }
  const std::vector<uint32_t>& dead_columns() const { return array_.dead; }
  rapiscan::Calibration calibration(uint32_t id) const;
  // Errors: sim.unknown_scene.
  base::Result<GantryPassage> passage(uint64_t number);

 private:
  friend class GantryPassage;

  GantryOptions options_;
  Geometry geometry_;
  Array array_;
  DualBeam beam_{6.2, 4.1};
};

}  // namespace garita::sim
