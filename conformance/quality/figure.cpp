#include "conformance/quality/figure.hpp"

#include <cmath>

namespace garita::quality {

const char* word(Method method) {
  switch (method) {
    case Method::bootstrap:
      return "bootstrap";
    case Method::subregions:
      return "subregions";
    case Method::propagation:
      return "propagation";
    case Method::placement:
      return "placement";
  }
  return "";
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

double deviation_of(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

std::vector<size_t> resampled(size_t count, std::mt19937_64& generator) {
  std::vector<size_t> picks(count);
  for (size_t& pick : picks) pick = generator() % count;
  return picks;
}

}  // namespace garita::quality
