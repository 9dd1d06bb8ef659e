#include "tools/garita-sim/vm250/panel.hpp"

#include <cmath>
#include <deque>
#include <numeric>

namespace garita::sim {
namespace {

constexpr double sigmas = 7.0;
constexpr size_t window = 5;  // intervals of 200 ms
constexpr uint64_t panel_stream = 0, first_passage_stream = 1u << 20;
constexpr uint32_t interval_ms = 200, background_ms = 5000;

}  // namespace

// How a vehicle changes the means, by where it is: 0 its front at the pillars, 1 its rear.
struct Panel::Vehicle {
  double length_m, speed_mps, shield, gamma_cps, neutron_cps, source_at;

  uint32_t intervals() const { return static_cast<uint32_t>(length_m / speed_mps * 1000 / interval_ms) + 1; }
  double shielded(double place) const { return 1 - shield * std::sin(3.14159265 * place); }
  // A point source that passes at a distance of 2 m.
  double nearness(double place) const {
    const double along_m = (place - source_at) * length_m;
    return 1 / (1 + along_m * along_m / 4);
  }
};

Panel::Panel(uint64_t seed, Cargo cargo) : seed_(seed), cargo_(cargo) {
  Random random(seed, panel_stream);
  for (double& cps : gamma_cps_) cps = random.uniform(210, 290);
  for (double& cps : neutron_cps_) cps = random.uniform(0.4, 2.4);
}

std::vector<vm250::SetupLine> Panel::setup() const {
  std::vector<vm250::SetupLine> lines;
  for (const char* text :
       {"SG1,000450,000068,05,10,07.0,P", "SG2,1111,0.069,0.455,01,1010,A", "SG3,0.069,0.455,020,000,1.10.1",
        "SN1,000050,05,0047,1200,02,120", "SN2,0.504,5.040,0.504,5.040,PP"})
    lines.push_back(std::get<vm250::SetupLine>(vm250::parse(text).message));
  return lines;
}

vm250::Four Panel::count(const std::array<double, vm250::panels>& means, Random& random) const {
  vm250::Four counts;
  for (size_t i = 0; i < vm250::panels; ++i) counts[i] = static_cast<uint32_t>(random.poisson(means[i]));
  return counts;
}

PanelPassage Panel::passage(uint32_t number) const {
  using vm250::Counts;
  Random random(seed_, first_passage_stream + number);
  const bool hot = cargo_ == Cargo::object || random.chance(0.2);
  const Vehicle vehicle{cargo_ == Cargo::object ? 4.0 : random.uniform(9, 18),
                        random.uniform(1.5, 4),
                        cargo_ == Cargo::object ? 0.0 : random.uniform(0.05, 0.35),
                        hot ? random.uniform(400, 2500) : 0,
                        cargo_ == Cargo::object || (hot && random.chance(0.3)) ? random.uniform(10, 40) : 0,
                        random.uniform(0.25, 0.75)};
  PanelPassage passage;
  passage.number = number;
  passage.intervals = vehicle.intervals();
  passage.s_per_ft = std::round(0.3048 / vehicle.speed_mps * 1e4) / 1e4;

  vm250::Four background{};
  const uint32_t quiet = 2 + random.below(3);
  for (uint32_t i = 0; i < quiet; ++i) {
    background = count(gamma_cps_, random);
    passage.background.push_back({i * background_ms, Counts{false, Counts::State::background, background}});
    passage.background.push_back(
        {i * background_ms + 40, Counts{true, Counts::State::background, count(neutron_cps_, random)}});
  }

  const double expected = std::accumulate(background.begin(), background.end(), 0.0);
  std::deque<double> last;
  uint32_t at_ms = quiet * background_ms;
  for (uint32_t i = 0; i < passage.intervals; ++i, at_ms += interval_ms) {
    const double place = (i + 0.5) / passage.intervals;
    std::array<double, vm250::panels> gamma{}, neutron{};
    for (size_t p = 0; p < vm250::panels; ++p) {
      const double near = vehicle.nearness(place) * (p < 2 ? 1.0 : 0.6);
      gamma[p] = 0.2 * (gamma_cps_[p] * vehicle.shielded(place) + vehicle.gamma_cps * near);
      neutron[p] = neutron_cps_[p] + vehicle.neutron_cps * near;
    }
    const vm250::Four counts = count(gamma, random);
    const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
    passage.gamma_sum += static_cast<uint64_t>(sum);
    last.push_back(sum);
    if (last.size() > window) last.pop_front();
    const bool full = last.size() == window;
    const bool rings =
        full && std::accumulate(last.begin(), last.end(), 0.0) > expected + sigmas * std::sqrt(expected);
    passage.gamma_alarm |= rings;
    passage.occupied.push_back(
        {at_ms, Counts{false, rings ? Counts::State::alarm : Counts::State::scan, counts}});
    if (i % window != window - 1) continue;
    const vm250::Four neutrons = count(neutron, random);
    const uint32_t neutron_sum = std::accumulate(neutrons.begin(), neutrons.end(), 0u);
    passage.neutron_sum += neutron_sum;
    passage.neutron_alarm |= neutron_sum > 25;
    passage.occupied.push_back(
        {at_ms, Counts{true, neutron_sum > 25 ? Counts::State::alarm : Counts::State::scan, neutrons}});
    if (i == window - 1)
      passage.occupied.push_back(
          {at_ms, vm250::Speed{passage.s_per_ft, vehicle.speed_mps * 2.23694, vehicle.speed_mps * 3.6}});
  }
  const double neutron_background = std::accumulate(neutron_cps_.begin(), neutron_cps_.end(), 0.0);
  passage.occupied.push_back(
      {at_ms, vm250::OccupancyEnd{number, std::round(neutron_background * 1000) / 1000}});
  passage.length_ms = at_ms + 1000;
  return passage;
}

}  // namespace garita::sim
