// Images whose true figures are known by formula.
#pragma once

#include <cmath>
#include <functional>
#include <iostream>
#include <random>

#include "conformance/quality/regions.hpp"

namespace garita::quality {

// Point samples of an edge blurred by a Gaussian of sigma pixels, column = middle + slope · row; white noise.
// MTF(f) = exp(−2 π² σ² f²), so that MTF = 0.2 at sqrt(ln 5 / 2) / (π σ) cycles a pixel.
inline Patch gaussian_edge(double sigma, double slope, double noise, std::mt19937_64& random,
                           double low = 10000, double high = 50000) {
  Patch patch{80, 64, {}};
  std::normal_distribution<double> normal(0, 1);
  const double across = 1 / std::hypot(1, slope);
  for (size_t row = 0; row < patch.rows; ++row)
    for (size_t column = 0; column < patch.columns; ++column) {
      const double distance =
          (static_cast<double>(column) - 31.3 - slope * (static_cast<double>(row) - 40)) * across;
      const double part = 0.5 * std::erfc(-distance / sigma / std::sqrt(2.0));
      patch.values.push_back(low + (high - low) * part + noise * normal(random));
    }
  return patch;
}

inline double f20_of(double sigma) { return std::sqrt(std::log(5.0) / 2) / (3.14159265358979 * sigma); }

inline Patch white(size_t rows, size_t columns, double mean, double noise, std::mt19937_64& random) {
  Patch patch{rows, columns, {}};
  std::normal_distribution<double> normal(mean, noise);
  for (size_t i = 0; i < rows * columns; ++i) patch.values.push_back(normal(random));
  return patch;
}

// How many of `seeds` measurements have the truth within their own U.
inline double coverage(int seeds, const std::function<bool(std::mt19937_64&)>& covers) {
  int covered = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    std::mt19937_64 random(static_cast<uint64_t>(seed));
    covered += covers(random);
  }
  const double part = static_cast<double>(covered) / seeds;
  std::cout << "coverage " << part << " over seeds 1 to " << seeds << "\n";
  return part;
}

inline bool within(const Value& measured, double truth) {
  return std::abs(measured.value - truth) <= measured.u;
}

}  // namespace garita::quality
