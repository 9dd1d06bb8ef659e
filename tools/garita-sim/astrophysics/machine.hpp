// The two machines of the family, and what they make of a bag: lines of packed 12-bit samples.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "drivers/astrophysics/wire.hpp"
#include "tools/garita-sim/astrophysics/tube.hpp"
#include "tools/garita-sim/scenes.hpp"

namespace garita::sim {

// One generator with its fan of detectors.
struct Optics {
  astrophysics::ViewForm form;
  Geometry geometry;
  Placement placement;
  double quanta = 40000;      // of the open beam, in one sample
  uint32_t behind_lines = 0;  // how many lines later than view 0 it sees the same thing
};

struct Model {
  std::string_view name;  // "cabinet", "lane"
  astrophysics::Identity identity;
  std::vector<Optics> views;
  uint32_t line_period_us = 4000;
};

// cabinet: two views, two energies, 12-bit transmission, an operator channel. portal: one view, one energy,
// 12-bit attenuation. Errors: sim.unknown_model {name}. serial_seed: part of the serial number.
base::Result<Model> model_by_name(std::string_view name, uint64_t serial_seed);

// A cabinet of few columns and coarse pitch, for tests that look at every byte.
Model tiny_model();

// One line as it goes into a LINE.
using Samples = std::vector<std::byte>;

// One bag in the tunnel. The same seed and number give the same bag, to be sent again.
class BagPass {
 public:
  // scene must be one (scenes.hpp).
  BagPass(const Model& model, std::string_view scene, uint64_t seed, uint64_t number);

  uint32_t lines() const { return lines_; }  // of each view
  const std::string& papers() const { return papers_; }
  astrophysics::Subject subject() const { return subject_; }

  // Samples of a line of a view; asked again it is measured again.
  Samples line(uint32_t view, uint32_t line);

  // After how many lines the belt stops and runs back a bit; 0: it does not.
  uint32_t reverses_after() const { return reverses_after_; }

  // What the machine itself sees in it; lines counted from the bag's first.
  std::vector<astrophysics::Found> found() const;
  // And these codes, wherever, in view 0.
  void mark(std::vector<uint8_t> codes) { marks_ = std::move(codes); }

  // The ground truth: what is where, as JSON.
  std::string truth(const std::string& key) const;

 private:
  struct View {
    Scene scene;
    Tube tube;
    std::vector<std::vector<float>> densities;
    std::vector<float> high, low;
  };
  std::vector<uint16_t> measured(const Optics& optics, std::span<const float> transmission);
  std::vector<astrophysics::Found> marked() const;

  const Model& model_;
  Random random_;
  Truck content_;
  std::string papers_;
  astrophysics::Subject subject_ = astrophysics::Subject::bag;
  std::vector<View> views_;
  uint32_t lines_ = 0, reverses_after_ = 0;
  std::vector<uint8_t> marks_;
};

}  // namespace garita::sim
