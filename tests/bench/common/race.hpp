// Measures things against each other on a machine that is never quite still: they run in turns, round after
// round, and the median of the rounds counts.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace garita::bench {

// What a call costs: the wall's time, or the time that this thread had a core, which is steadier on a machine
// that others use too. Runners that start programs or threads need the wall's.
enum class Cost { wall, thread };

struct RaceOptions {
  uint32_t rounds = 9;          // at least 5
  double least_seconds = 0.05;  // of each runner in each round: it is repeated until then
  Cost cost = Cost::wall;
};

struct Lap {
  double seconds = 0;             // of one call, the median of the rounds
  std::vector<double> per_round;  // of one call, round by round
};

// Calls each runner once to warm up, then lets them run in turns; every other round in reverse, so that none
// always follows the same one. Returns one lap for each runner, in the order given.
std::vector<Lap> race(const std::vector<std::function<void()>>& runners, const RaceOptions& options = {});

double median(std::vector<double> values);                 // of at least one
double geometric_mean(const std::vector<double>& values);  // of at least one, all above 0

// The median of ours/peer as each round saw them: quieter than the ratio of the medians where the machine
// drifts.
double paired_ratio(const Lap& ours, const Lap& peer);

}  // namespace garita::bench
