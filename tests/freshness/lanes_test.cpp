// Thousands of scans of devices of all kinds: a new exposure is never taken for an old one, and copies are.
// GARITA_LONG=1 for ten thousand of them; GARITA_SEED repeats a run, and FRESHNESS_FIGURES=1 prints what is
// found of which copies.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

#include "core/freshness/judge.hpp"
#include "tests/freshness/simulated_lane.hpp"

namespace garita::freshness::testing {
namespace {

constexpr size_t remembered = 32;

uint64_t chosen_seed() {
  const char* given = std::getenv("GARITA_SEED");
  return given ? std::strtoull(given, nullptr, 10) : 20261122;
}

ScanPrint scan_of(PlanePrint plane, uint64_t number) {
  ScanPrint scan;
  scan.scan_key = "scan " + std::to_string(number);
  scan.planes.push_back(std::move(plane));
  return scan;
}

struct Counts {
  // By what the noise was measured (none or too dim, scan, beam), family and copy: found, made.
  std::array<std::map<std::string, std::map<std::string, std::array<int, 2>>>, 3> copies;
  std::vector<std::string> false_alarms;
  uint64_t scans = 0, judged = 0;
  std::mutex mutex;
};

using Copy = std::pair<const char*, std::function<Plane(const Plane&, sim::Random&)>>;

const std::vector<Copy>& copies() {
  static const std::vector<Copy> all = {
      {"exact", [](const Plane& p, sim::Random&) { return p; }},
      {"one_pixel",
       [](const Plane& p, sim::Random&) {
         Plane out = p;
         out.pixels[777] ^= 1;
         return out;
       }},
      {"shifted",
       [](const Plane& p, sim::Random& r) { return shifted(p, 1 + r.below(40), 1 + r.below(20)); }},
      {"cut_to_half", [](const Plane& p, sim::Random& r) { return cut(p, r.below(104), 104); }},
      {"brightened",
       [](const Plane& p, sim::Random& r) {
         return brightened(p, r.uniform(0.8, 1.05), r.uniform(-200, 200));
       }},
      {"shifted_brightened",
       [](const Plane& p, sim::Random& r) {
         return brightened(shifted(p, 1 + r.below(20), r.below(9)), r.uniform(0.8, 1.05), 100);
       }},
      {"noise_of_a_quarter", [](const Plane& p, sim::Random& r) { return with_noise(p, 0.25, r); }},
      {"noise_of_a_half", [](const Plane& p, sim::Random& r) { return with_noise(p, 0.5, r); }},
      {"mirrored",
       [](const Plane& p, sim::Random& r) {
         const uint32_t way = 1 + r.below(3);
         return mirrored(p, way & 1, way & 2);
       }},
      {"smoothed", [](const Plane& p, sim::Random&) { return smoothed(p); }},
  };
  return all;
}

std::string told(const Lane& lane, uint64_t seed, const Judgement& found) {
  return std::string(name_of(lane.family())) + ", seed " + std::to_string(seed) + ": reason " +
         std::to_string(static_cast<int>(found.reason)) + ", figure " + std::to_string(found.figure) +
         ", matched " + std::to_string(found.alignment.matched) + " of " +
         std::to_string(found.alignment.coincident) + " at " + std::to_string(found.alignment.row_shift) +
         "," + std::to_string(found.alignment.column_shift);
}

void run_lane(uint64_t index, uint64_t seed, int scans, Counts& counts) {
  Lane lane(static_cast<Family>(index % families), seed + index);
  std::vector<ScanPrint> history;
  std::vector<Plane> last;
  for (int i = 0; i < scans; ++i) {
    Plane plane = lane.scan();
    ScanPrint scan = scan_of(print_of(plane, lane.traits()), static_cast<uint64_t>(i));
    const Judgement found = judge(scan, history);
    {
      const std::lock_guard lock(counts.mutex);
      ++counts.scans;
      counts.judged += found.compared > 0;
      if (found.verdict == Verdict::replayed || found.verdict == Verdict::synthetic)
        counts.false_alarms.push_back(told(lane, seed + index, found));
    }
    history.push_back(std::move(scan));
    if (history.size() > remembered) history.erase(history.begin());
    last.push_back(std::move(plane));
    if (last.size() > 2) last.erase(last.begin());
  }
  sim::Random random(seed + index, 1);
  const PlanePrint original = print_of(last.front(), lane.traits());
  for (const auto& [name, make] : copies()) {
    const ScanPrint copy = scan_of(print_of(make(last.front(), random), lane.traits()), 9999);
    const Judgement found = judge(copy, history);
    const std::lock_guard lock(counts.mutex);
    const bool is_dim = lane.quanta() < 300;  // its noise is cut off by the ends of the scale
    const auto yardstick = is_dim ? 0 : static_cast<size_t>(original.yardstick);
    std::array<int, 2>& row = counts.copies[yardstick][name_of(lane.family())][name];
    row[0] += found.verdict == Verdict::replayed || found.verdict == Verdict::synthetic;
    ++row[1];
  }
}

class Lanes : public ::testing::Test {
 protected:
  Lanes() {
    const bool is_long = std::getenv("GARITA_LONG") != nullptr;
    const uint64_t seed = chosen_seed();
    const uint64_t lanes = is_long ? 208 : 16;
    const int scans = is_long ? 50 : 12;
    RecordProperty("seed", std::to_string(seed));
    std::atomic<uint64_t> next{0};
    const auto work = [&] {
      for (uint64_t i; (i = next++) < lanes;) {
        run_lane(i, seed, scans, counts_);
        const std::lock_guard lock(counts_.mutex);
        if (is_long)
          std::cerr << counts_.scans << " scans, " << counts_.false_alarms.size() << " false" << std::endl;
      }
    };
    std::thread other(work);
    work();
    other.join();
    if (std::getenv("FRESHNESS_FIGURES")) print();
  }

  void print() const {
    for (const size_t yardstick : {2u, 1u, 0u})
      for (const auto& [family, rows] : counts_.copies[yardstick]) {
        std::printf("%zu %-12s", yardstick, family.c_str());
        for (const auto& [copy, row] : rows) std::printf("  %s %d/%d", copy.c_str(), row[0], row[1]);
        std::printf("\n");
      }
    std::printf("%llu scans, %llu judged, %zu false\n", static_cast<unsigned long long>(counts_.scans),
                static_cast<unsigned long long>(counts_.judged), counts_.false_alarms.size());
  }

  // Of all families, where the open beam was seen. What a frame shows where it always is, is not looked at.
  double share_found(const std::string& copy) {
    int found = 0, made = 0;
    for (const auto& [family, rows] : counts_.copies[static_cast<size_t>(Yardstick::beam)])
      if (family != "frame" || copy == "exact") found += rows.at(copy)[0], made += rows.at(copy)[1];
    return made == 0 ? 0 : static_cast<double>(found) / made;
  }

  Counts counts_;
};

TEST_F(Lanes, no_new_exposure_is_suspect_and_copies_are) {
  for (const std::string& each : counts_.false_alarms) ADD_FAILURE() << each;
  EXPECT_EQ(share_found("exact"), 1) << "seed " << chosen_seed();
  for (const char* copy : {"one_pixel", "shifted", "brightened", "shifted_brightened"})
    EXPECT_GE(share_found(copy), 0.9) << copy << ", seed " << chosen_seed();
}

// Of long scans a part of the rows is looked at, and of a copy that begins elsewhere it is another part.
TEST(LongScans, that_come_again_without_their_beginning_are_known) {
  const uint64_t seed = chosen_seed();
  const bool is_long = std::getenv("GARITA_LONG") != nullptr;
  int found = 0, made = 0;
  for (const uint32_t rows : {1400u, 4200u})
    for (int family = 0; family < (is_long ? families : 2); ++family) {
      Lane lane(static_cast<Family>(family), seed + static_cast<uint64_t>(family), rows);
      const Plane old = lane.scan();
      const ScanPrint before = scan_of(print_of(old, lane.traits()), 1);
      if (before.planes[0].yardstick != Yardstick::beam || lane.quanta() < 300 || lane.traits().fixed_pattern)
        continue;
      sim::Random random(seed, rows + static_cast<uint64_t>(family));
      int own = 0;
      for (int i = 0; i < 4; ++i) {
        const Plane copy = brightened(shifted(old, 30 + random.below(rows / 2), 0), 0.95, 0);
        own += judge(scan_of(print_of(copy, lane.traits()), 2), {before}).verdict == Verdict::replayed;
      }
      if (std::getenv("FRESHNESS_FIGURES")) std::printf("%u %-12s %d/4\n", rows, name_of(lane.family()), own);
      found += own, made += 4;
    }
  EXPECT_GE(found * 10, made * 9) << found << " of " << made << ", seed " << seed;
}

}  // namespace
}  // namespace garita::freshness::testing
