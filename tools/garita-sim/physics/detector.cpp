#include "tools/garita-sim/physics/detector.hpp"

#include <algorithm>
#include <cmath>

namespace garita::sim {
namespace {

std::vector<uint32_t> draw_dead(Random& random, uint32_t columns) {
  std::vector<uint32_t> dead;
  const uint32_t count = std::min(columns / 8, 2 + random.below(4));
  while (dead.size() < count) {
    const uint32_t column = random.below(columns);
    if (std::find(dead.begin(), dead.end(), column) == dead.end()) dead.push_back(column);
  }
  std::sort(dead.begin(), dead.end());
  return dead;
}

Detectors draw_detectors(Random& random, uint32_t columns, double quanta) {
  Detectors detectors;
  for (uint32_t column = 0; column < columns; ++column) {
    const double place = 2.0 * column / columns - 1;  // -1 … 1 over the fan
    const double fan = 1 - 0.2 * place * place;
    const double dark = random.uniform(300, 1100);
    detectors.dark_q8.push_back(static_cast<uint32_t>(dark * 256));
    detectors.air_q8.push_back(static_cast<uint32_t>((dark + fan * random.uniform(47500, 52000)) * 256));
    detectors.open_quanta.push_back(static_cast<float>(quanta * fan * random.uniform(0.95, 1.05)));
  }
  return detectors;
}

uint32_t noisy_mean(double mean, double deviation, Random& random, uint32_t averaged) {
  const double measured = mean + deviation / std::sqrt(averaged) * random.normal();
  return static_cast<uint32_t>(std::clamp(std::round(measured * 256), 0.0, 16777215.0));
}

}  // namespace

Array draw_array(Random& random, uint32_t columns) {
  Array array;
  array.dead = draw_dead(random, columns);
  for (const double quanta : {5500.0, 4200.0}) {
    array.energies.push_back(draw_detectors(random, columns, quanta));
    for (const uint32_t column : array.dead)
      array.energies.back().air_q8[column] = array.energies.back().dark_q8[column];
  }
  return array;
}

Measured measure(const Detectors& detectors, Random& random, uint32_t averaged) {
  Measured measured;
  for (size_t column = 0; column < detectors.dark_q8.size(); ++column) {
    const double dark = detectors.dark_q8[column] / 256.0, signal = detectors.air_q8[column] / 256.0 - dark;
    const double shot = signal / std::sqrt(detectors.open_quanta[column]);
    measured.dark_q8.push_back(noisy_mean(dark, detectors.electronic_counts, random, averaged));
    measured.air_q8.push_back(
        noisy_mean(dark + signal, std::hypot(shot, detectors.electronic_counts), random, averaged));
    if (signal == 0) measured.air_q8.back() = measured.dark_q8.back();
  }
  return measured;
}

uint32_t expose(const Detectors& detectors, std::span<const float> transmission, float dose, Random& random,
                std::span<uint16_t> raw) {
  uint32_t cut = 0;
  for (size_t column = 0; column < raw.size(); ++column) {
    const float dark = static_cast<float>(detectors.dark_q8[column]) / 256;
    const float open = static_cast<float>(detectors.air_q8[column]) / 256 - dark;
    const float quanta_open = detectors.open_quanta[column], mean = quanta_open * dose * transmission[column];
    const float quanta =
        mean >= 50 ? mean + std::sqrt(mean) * random.normal() : static_cast<float>(random.poisson(mean));
    const float counts = dark + open * quanta / quanta_open + detectors.electronic_counts * random.normal();
    const float clamped = std::clamp(counts, 0.0f, 65535.0f);
    cut += clamped != counts;
    raw[column] = static_cast<uint16_t>(clamped + 0.5f);
  }
  return cut;
}

}  // namespace garita::sim
