#include "tools/garita-sim/physics/random.hpp"

#include <algorithm>
#include <cmath>

namespace garita::sim {
namespace {

// Inverse of the normal distribution function by bisection: slow, exact enough, done once.
double normal_quantile(double probability) {
  double low = -9, high = 9;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < probability ? low : high) = middle;
  }
  return low;
}

std::array<float, 4096> make_quantiles() {
  std::array<float, 4096> table;
  double squares = 0;
  for (size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<float>(normal_quantile((static_cast<double>(i) + 0.5) / table.size()));
    squares += double{table[i]} * table[i];
  }
  const auto scale =
      static_cast<float>(std::sqrt(table.size() / squares));  // a table of steps lacks some variance
  for (float& value : table) value *= scale;
  return table;
}

}  // namespace

Random::Random(uint64_t seed, uint64_t stream) {
  uint64_t mixed = seed * 0xD1342543DE82EF95u + stream * 0x2545F4914F6CDD1Du;
  for (uint64_t& word : state_) {
    mixed += 0x9E3779B97F4A7C15u;
    uint64_t value = mixed;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    word = value ^ (value >> 31);
  }
}

const std::array<float, 4096>& Random::quantiles() {
  static const std::array<float, 4096> table = make_quantiles();
  return table;
}

double Random::poisson(double mean) {
  if (mean >= 50) return std::max(0.0, std::round(mean + std::sqrt(mean) * normal()));
  const double target = uniform();
  double probability = std::exp(-mean), sum = probability;
  int count = 0;
  while (sum < target && count < 200) {
    ++count;
    probability *= mean / count;
    sum += probability;
  }
  return count;
}

}  // namespace garita::sim
