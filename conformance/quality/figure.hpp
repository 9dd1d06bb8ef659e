// A measured value with its expanded uncertainty, and the small statistics that give it.
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace garita::quality {

// How U was found.
enum class Method {
  bootstrap,    // standard deviation over resampled parts
  subregions,   // spread of repeated parts of the region
  propagation,  // from the U of what went into it
  placement,    // from how well the marker's squares are known
};

const char* word(Method method);

struct Figure {
  std::string id;  // "mtf20.side", "penetration": stable words for profiles and JSON
  double value = 0;
  double u = 0;      // expanded, k = 2
  std::string unit;  // "lp/mm", "mm", "1"
  Method method = Method::subregions;
  bool at_least = false;  // the object or the image ends here: the truth is this or more
};

double mean_of(const std::vector<double>& values);
double deviation_of(const std::vector<double>& values);  // n − 1; 0 for fewer than two

// Indices 0 … count − 1 drawn with replacement. The generator is seeded by the caller with a constant: the
// same image gives the same U, always.
std::vector<size_t> resampled(size_t count, std::mt19937_64& generator);

}  // namespace garita::quality
