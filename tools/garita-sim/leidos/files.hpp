// The files of a passage, each as its bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "tools/garita-sim/leidos/gantry.hpp"
#include "tools/garita-sim/physics/random.hpp"

namespace garita::sim::leidos {

// A TIFF of 16 bits; byte order, packing and length of the strips by lot, as firmware versions differ.
std::string tiff_of(const Picture& picture, Random& random);

// A photograph of a plate, a small JPEG.
std::string plate_photo(std::string_view number, Random& random);

struct Radiation {
  std::string passage_key, serial;
  int64_t start_utc_ns = 0;
  uint32_t seconds = 6;
  double speed_mps = 2;
  bool alarm = false;
};
// N42-2012 of the portal beside the gantry: a background, then one count a second for each of four panels and
// one tube.
std::string n42_of(const Radiation& radiation, Random& random);

}  // namespace garita::sim::leidos
