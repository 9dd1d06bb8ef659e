// A line of detectors that are not alike: transmissions in, counts out, and the calibration that takes it
// back.
//
// raw = dark + gain · quanta + electronic noise. quanta: Poisson, mean = open-beam quanta · dose ·
// transmission. Detector arrays are given for each of the two energies; dead detectors are dead in both and
// stay at their dark level.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tools/garita-sim/physics/random.hpp"

namespace garita::sim {

// One energy's detectors. dark and air are true means in 1/256 counts; air is dark where dead.
struct Detectors {
  std::vector<uint32_t> dark_q8, air_q8;
  std::vector<float> open_quanta;  // mean in the open beam at dose 1
  float electronic_counts = 3;     // standard deviation
};

struct Array {
  std::vector<Detectors> energies;
  std::vector<uint32_t> dead;  // columns, ascending
  uint32_t columns() const { return static_cast<uint32_t>(energies.front().dark_q8.size()); }
};

// An array of two energies as a factory would deliver it: open beam at 38 … 52 thousand counts over dark
// levels of 300 … 1100, 3500 … 5500 quanta, less at the ends of the fan; 2 … 5 dead ones.
Array draw_array(Random& random, uint32_t columns);

// Means that a device would measure over `averaged` lines, with the noise that is left in them; 1/256 counts.
struct Measured {
  std::vector<uint32_t> dark_q8, air_q8;
};
Measured measure(const Detectors& detectors, Random& random, uint32_t averaged);

// Counts of one line. Returns how many were cut at 0 or 65535.
uint32_t expose(const Detectors& detectors, std::span<const float> transmission, float dose, Random& random,
                std::span<uint16_t> raw);

}  // namespace garita::sim
