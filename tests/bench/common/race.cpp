#include "tests/bench/common/race.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace garita::bench {
namespace {

double seconds_now(Cost cost) {
  timespec now{};
  clock_gettime(cost == Cost::thread ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double one_call(const std::function<void()>& runner, const RaceOptions& options) {
  uint64_t calls = 0;
  const double start = seconds_now(options.cost);
  double passed = 0;
  do {
    runner();
    benchmark::ClobberMemory();
    ++calls;
    passed = seconds_now(options.cost) - start;
  } while (passed < options.least_seconds);
  return passed / static_cast<double>(calls);
}

}  // namespace

std::vector<Lap> race(const std::vector<std::function<void()>>& runners, const RaceOptions& options) {
  std::vector<Lap> laps(runners.size());
  for (const auto& runner : runners) runner();
  for (uint32_t round = 0; round < std::max(5U, options.rounds); ++round)
    for (size_t turn = 0; turn < runners.size(); ++turn) {
      const size_t i = round % 2 ? runners.size() - 1 - turn : turn;
      laps[i].per_round.push_back(one_call(runners[i], options));
    }
  for (Lap& lap : laps) lap.seconds = median(lap.per_round);
  return laps;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double geometric_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return std::exp(sum / static_cast<double>(values.size()));
}

double paired_ratio(const Lap& ours, const Lap& peer) {
  std::vector<double> ratios;
  for (size_t i = 0; i < ours.per_round.size(); ++i) ratios.push_back(peer.per_round[i] / ours.per_round[i]);
  return median(ratios);
}

}  // namespace garita::bench
