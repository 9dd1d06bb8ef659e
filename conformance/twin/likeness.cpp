#include "conformance/twin/likeness.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace garita::conformance {
namespace {

constexpr double good_likeness = 0.6;
constexpr int64_t farthest_shift = 2;

using Pick = std::function<float(uint32_t channel, uint32_t row, uint32_t column)>;

// How far the picked values are from what was seen.
Unlike distance(const std::vector<TruePlane>& seen, const Pick& truth, double tolerance) {
  Unlike own{.how = "values"};
  double farthest = 0;
  size_t beyond = 0, all = 0;
  for (uint32_t channel = 0; channel < seen.size(); ++channel)
    for (uint32_t row = 0; row < seen[channel].rows; ++row)
      for (uint32_t column = 0; column < seen[channel].columns; ++column, ++all) {
        const double expected = truth(channel, row, column), found = seen[channel].at(row, column);
        const double off = std::abs(expected - found);
        if (std::isfinite(off) && off <= tolerance) continue;
        ++beyond;
        if (off > farthest || beyond == 1)
          farthest = off, own.channel = channel, own.row = row, own.column = column, own.expected = expected,
          own.seen = found;
      }
  own.share = all == 0 ? 0 : static_cast<double>(beyond) / static_cast<double>(all);
  return own;
}

struct Other {
  const char* how;
  Pick pick;
};

std::vector<Other> mistakes(const std::vector<TruePlane>& truth) {
  const uint32_t rows = truth[0].rows, columns = truth[0].columns;
  std::vector<Other> all = {
      {"columns_mirrored",
       [&, columns](uint32_t i, uint32_t r, uint32_t c) { return truth[i].at(r, columns - 1 - c); }},
      {"rows_mirrored",
       [&, rows](uint32_t i, uint32_t r, uint32_t c) { return truth[i].at(rows - 1 - r, c); }},
      {"turned", [&, rows, columns](uint32_t i, uint32_t r,
                                    uint32_t c) { return truth[i].at(rows - 1 - r, columns - 1 - c); }},
      {"inverted", [&](uint32_t i, uint32_t r, uint32_t c) { return 1 - truth[i].at(r, c); }}};
  if (truth.size() > 1)
    all.push_back({"channels_swapped",
                   [&](uint32_t i, uint32_t r, uint32_t c) { return truth[truth.size() - 1 - i].at(r, c); }});
  for (int64_t dr = -farthest_shift; dr <= farthest_shift; ++dr)
    for (int64_t dc = -farthest_shift; dc <= farthest_shift; ++dc)
      if (dr != 0 || dc != 0)
        all.push_back({"shifted", [&, dr, dc, rows, columns](uint32_t i, uint32_t r, uint32_t c) {
                         const int64_t row = std::clamp<int64_t>(r + dr, 0, rows - 1),
                                       column = std::clamp<int64_t>(c + dc, 0, columns - 1);
                         return truth[i].at(static_cast<uint32_t>(row), static_cast<uint32_t>(column));
                       }});
  return all;
}

// The object as it would look at a pitch: shades, 0 where there is nothing.
TruePlane drawn(const ObjectSettings& object, bool mirror_columns, bool mirror_rows) {
  double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
  for (const ObjectPart& part : object.parts) {
    x0 = std::min(x0, part.x0), y0 = std::min(y0, part.y0);
    x1 = std::max(x1, part.x1), y1 = std::max(y1, part.y1);
  }
  TruePlane own;
  own.columns = static_cast<uint32_t>(std::clamp((x1 - x0) / object.pitch_column_mm, 1.0, 4096.0));
  own.rows = static_cast<uint32_t>(std::clamp((y1 - y0) / object.pitch_row_mm, 1.0, 4096.0));
  own.t.assign(size_t{own.rows} * own.columns, 0);
  for (uint32_t row = 0; row < own.rows; ++row)
    for (uint32_t column = 0; column < own.columns; ++column) {
      const double x = x0 + (column + 0.5) * object.pitch_column_mm,
                   y = y0 + (row + 0.5) * object.pitch_row_mm;
      const uint32_t r = mirror_rows ? own.rows - 1 - row : row,
                     c = mirror_columns ? own.columns - 1 - column : column;
      for (const ObjectPart& part : object.parts)
        if (x >= part.x0 && x < part.x1 && y >= part.y0 && y < part.y1)
          own.t[size_t{r} * own.columns + c] = static_cast<float>(part.shade);
    }
  return own;
}

struct Match {
  double likeness = -1;
  uint32_t row = 0, column = 0;
};

// Pearson's correlation at one place, over every stride-th pixel.
double correlation(const TruePlane& model, const TruePlane& seen, uint32_t row, uint32_t column,
                   uint32_t stride) {
  double n = 0, sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (uint32_t r = 0; r < model.rows; r += stride)
    for (uint32_t c = 0; c < model.columns; c += stride) {
      const double a = model.at(r, c), b = 1 - static_cast<double>(seen.at(row + r, column + c));
      n += 1, sa += a, sb += b, saa += a * a, sbb += b * b, sab += a * b;
    }
  const double va = saa - sa * sa / n, vb = sbb - sb * sb / n;
  return va > 1e-12 && vb > 1e-12 ? (sab - sa * sb / n) / std::sqrt(va * vb) : 0;
}

// Every place coarsely, then around the best of them finely; with `near`, around that alone.
Match best_match(const TruePlane& model, const TruePlane& seen, const Match* near = nullptr) {
  Match best;
  if (model.rows > seen.rows || model.columns > seen.columns) return best;
  const uint32_t stride =
      std::max(2u, std::min(model.rows, model.columns) / 24);  // parts are wider than that
  const auto look = [&](uint32_t row0, uint32_t row1, uint32_t column0, uint32_t column1, uint32_t step,
                        uint32_t grain) {
    for (uint32_t row = row0; row <= row1; row += step)
      for (uint32_t column = column0; column <= column1; column += step) {
        const double own = correlation(model, seen, row, column, grain);
        if (own > best.likeness) best = {own, row, column};
      }
  };
  const uint32_t last_row = seen.rows - model.rows, last_column = seen.columns - model.columns;
  if (near == nullptr) look(0, last_row, 0, last_column, stride, stride);
  const Match coarse = near == nullptr ? best : *near;
  best.likeness = -1;
  look(coarse.row - std::min(coarse.row, stride), std::min(last_row, coarse.row + stride),
       coarse.column - std::min(coarse.column, stride), std::min(last_column, coarse.column + stride), 1,
       std::max(1u, stride / 4));
  return best;
}

double mean_of(const TruePlane& seen, const ObjectSettings& object, const ObjectPart& part, const Match& at) {
  double x0 = 1e9, y0 = 1e9, sum = 0, count = 0;
  for (const ObjectPart& each : object.parts) x0 = std::min(x0, each.x0), y0 = std::min(y0, each.y0);
  const auto first = [](double from, double pitch) {
    return static_cast<uint32_t>(std::ceil(from / pitch + 1));
  };
  const auto last = [](double to, double pitch) {
    return static_cast<uint32_t>(std::max(0.0, to / pitch - 1));
  };
  for (uint32_t r = first(part.y0 - y0, object.pitch_row_mm); r < last(part.y1 - y0, object.pitch_row_mm);
       ++r)
    for (uint32_t c = first(part.x0 - x0, object.pitch_column_mm);
         c < last(part.x1 - x0, object.pitch_column_mm); ++c)
      if (at.row + r < seen.rows && at.column + c < seen.columns)
        sum += static_cast<double>(seen.at(at.row + r, at.column + c)), count += 1;
  return count == 0 ? 1 : sum / count;
}

// The steel steps, the thinnest first.
std::vector<ObjectPart> steps_of(const ObjectSettings& object) {
  std::vector<ObjectPart> steps;
  for (const ObjectPart& part : object.parts)
    if (part.steel_mm > 0) steps.push_back(part);
  std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.steel_mm < b.steel_mm; });
  return steps;
}

// Thicker steel lets less through, down to where nothing comes through at all.
std::string wrong_step(const std::vector<ObjectPart>& steps, const std::vector<double>& means) {
  constexpr double noise = 0.01;
  for (size_t i = 1; i < steps.size(); ++i)
    if (means[i] > means[i - 1] + noise)
      return std::to_string(static_cast<int64_t>(std::lround(steps[i].steel_mm)));
  return "";
}

}  // namespace

TruePlane plane_of(const Scene& scene, uint32_t channel) {
  const size_t size = size_t{scene.rows} * scene.columns;
  const auto begin = scene.transmission.begin() + static_cast<std::ptrdiff_t>(channel * size);
  return {scene.rows, scene.columns, {begin, begin + static_cast<std::ptrdiff_t>(size)}};
}

std::optional<Unlike> compare(const std::vector<TruePlane>& truth, const std::vector<TruePlane>& seen,
                              double tolerance) {
  const bool fits = truth.size() == seen.size() &&
                    std::equal(truth.begin(), truth.end(), seen.begin(), [](auto& a, auto& b) {
                      return a.rows == b.rows && a.columns == b.columns && a.t.size() == b.t.size();
                    });
  if (!fits || truth.empty()) return Unlike{.how = "size"};
  const auto as_it_is = [&](uint32_t i, uint32_t r, uint32_t c) { return truth[i].at(r, c); };
  Unlike own = distance(seen, as_it_is, tolerance);
  if (own.share == 0) return std::nullopt;
  double least = own.share / 4;  // another name only where it fits far better
  for (const Other& other : mistakes(truth)) {
    const double share = distance(seen, other.pick, tolerance).share;
    if (share < least) least = share, own.how = other.how;
  }
  return own;
}

namespace {

void measure_steps(const ObjectSettings& object, const TruePlane& seen, const Match& upright,
                   ObjectFound& own) {
  const std::vector<ObjectPart> steps = steps_of(object);
  for (const ObjectPart& step : steps) own.steps.push_back(mean_of(seen, object, step, upright));
  own.step = wrong_step(steps, own.steps);
}

}  // namespace

ObjectFound find_object(const ObjectSettings& object, const TruePlane& seen) {
  const Match upright = best_match(drawn(object, false, false), seen);
  ObjectFound own{.likeness = upright.likeness, .row = upright.row, .column = upright.column};
  double best = upright.likeness;
  const struct {
    const char* how;
    bool columns, rows;
  } others[] = {{"columns_mirrored", true, false}, {"rows_mirrored", false, true}, {"turned", true, true}};
  for (const auto& other : others) {
    const double likeness = best_match(drawn(object, other.columns, other.rows), seen).likeness;
    if (likeness > best) best = likeness, own.how = other.how;
  }
  if (best < good_likeness) own.how = "absent";
  if (own.how.empty()) measure_steps(object, seen, upright, own);
  return own;
}

ObjectFound find_object_there(const ObjectSettings& object, const TruePlane& seen, const ObjectFound& there) {
  const Match near{there.likeness, there.row, there.column};
  const Match upright = best_match(drawn(object, false, false), seen, &near);
  ObjectFound own{.likeness = upright.likeness, .row = upright.row, .column = upright.column};
  if (upright.likeness < good_likeness) own.how = "absent";
  if (own.how.empty()) measure_steps(object, seen, upright, own);
  return own;
}

bool is_darker(const ObjectFound& lower, const ObjectFound& higher) {
  constexpr double opaque = 0.05, open = 0.95, least = 0.002;
  double difference = 0;
  size_t count = 0;
  for (size_t i = 0; i < std::min(lower.steps.size(), higher.steps.size()); ++i)
    if (higher.steps[i] > opaque && higher.steps[i] < open)
      difference += higher.steps[i] - lower.steps[i], ++count;
  return count == 0 || difference / static_cast<double>(count) > least;
}

}  // namespace garita::conformance
