#include "conformance/quality/spots.hpp"

#include <algorithm>
#include <numeric>

namespace garita::quality {
namespace {

constexpr size_t max_runs = 1u << 22, sampled = 1u << 18;
constexpr uint64_t least_area = 4;
constexpr double least_fill = 2.0 / 3;

// Dark pixels side by side.
struct Run {
  uint32_t row, first, behind;
};

// Sets of runs that touch.
class Sets {
 public:
  size_t add() {
    parents_.push_back(parents_.size());
    return parents_.size() - 1;
  }
  size_t root(size_t i) {
    while (parents_[i] != i) i = parents_[i] = parents_[parents_[i]];
    return i;
  }
  void join(size_t a, size_t b) { parents_[root(b)] = root(a); }

 private:
  std::vector<size_t> parents_;
};

void runs_of_row(const Image& image, uint32_t row, double level, std::vector<Run>& runs) {
  for (uint32_t column = 0; column < image.columns; ++column) {
    if (image.at(row, column) >= level) continue;
    const uint32_t first = column;
    while (column < image.columns && image.at(row, column) < level) ++column;
    runs.push_back({row, first, column});
  }
}

// Every run against those of the row above; both lists rise.
void join_with_row_above(const std::vector<Run>& runs, size_t above, size_t own, Sets& sets) {
  for (size_t i = own; i < runs.size(); ++i) {
    while (above < own && runs[above].behind <= runs[i].first) ++above;
    for (size_t j = above; j < own && runs[j].first < runs[i].behind; ++j) sets.join(j, i);
  }
}

void take(Spot& spot, const Run& run) {
  const bool first = spot.area == 0;
  spot.row0 = first ? run.row : std::min(spot.row0, run.row);
  spot.row1 = std::max(spot.row1, run.row + 1);
  spot.column0 = first ? run.first : std::min(spot.column0, run.first);
  spot.column1 = std::max(spot.column1, run.behind);
  spot.area += run.behind - run.first;
}

bool is_compact(const Spot& spot, const Image& image) {
  const double filled = static_cast<double>(spot.area) / (spot.width() * spot.height());
  const bool inside =
      spot.row0 > 0 && spot.column0 > 0 && spot.row1 < image.rows && spot.column1 < image.columns;
  return inside && spot.area >= least_area && spot.area < uint64_t{image.rows} * image.columns / 16 &&
         filled >= least_fill;
}

// The mean just outside of the spot's rectangle, and its middle by what is missing against that.
void weigh(Spot& spot, const Image& image) {
  double around = 0, count = 0;
  const uint32_t row0 = spot.row0 - 1, row1 = spot.row1 + 1, column0 = spot.column0 - 1,
                 column1 = spot.column1 + 1;
  for (uint32_t row = row0; row < row1; ++row)
    for (uint32_t column = column0; column < column1; ++column) {
      if (row > row0 && row + 1 < row1 && column > column0 && column + 1 < column1) continue;
      around += image.at(row, column);
      count += 1;
    }
  around /= count;
  double weight = 0, rows = 0, columns = 0;
  for (uint32_t row = row0; row < row1; ++row)
    for (uint32_t column = column0; column < column1; ++column) {
      const double missing = around - image.at(row, column);  // also below 0: noise around cancels
      weight += missing, rows += missing * row, columns += missing * column;
    }
  spot.row = weight > 0 ? rows / weight : row0;
  spot.column = weight > 0 ? columns / weight : column0;
  spot.depth = weight / static_cast<double>(spot.area);
}

}  // namespace

double open_level(const Image& image) {
  const uint64_t all = image.samples.size(), step = std::max<uint64_t>(1, all / sampled);
  std::vector<uint16_t> some;
  for (uint64_t i = 0; i < all; i += step) some.push_back(image.samples[i]);
  if (some.empty()) return 0;
  const auto place = some.begin() + static_cast<std::ptrdiff_t>(some.size() * 9 / 10);
  std::nth_element(some.begin(), place, some.end());
  return static_cast<double>(*place) - image.black;
}

std::vector<Spot> dark_spots(const Image& image, double level) {
  std::vector<Run> runs;
  Sets sets;
  size_t above = 0;
  for (uint32_t row = 0; row < image.rows; ++row) {
    const size_t own = runs.size();
    runs_of_row(image, row, level, runs);
    if (runs.size() > max_runs) return {};
    for (size_t i = own; i < runs.size(); ++i) sets.add();
    join_with_row_above(runs, above, own, sets);
    above = own;
  }
  std::vector<Spot> all(runs.size()), spots;
  for (size_t i = 0; i < runs.size(); ++i) take(all[sets.root(i)], runs[i]);
  for (const Spot& spot : all)
    if (spot.area > 0 && is_compact(spot, image)) spots.push_back(spot);
  std::sort(spots.begin(), spots.end(), [](const Spot& a, const Spot& b) { return a.area > b.area; });
  if (spots.size() > max_spots) spots.resize(max_spots);
  for (Spot& spot : spots) weigh(spot, image);
  return spots;
}

}  // namespace garita::quality
