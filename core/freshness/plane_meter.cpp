#include "core/freshness/plane_meter.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <tuple>

#include "core/freshness/patch.hpp"

namespace garita::freshness {
namespace {

constexpr uint16_t canonical_opaque = 1024;  // and what no measurement was made of
constexpr double canonical_span = 57344;

constexpr size_t max_candidates = 384;
constexpr uint32_t most_zeros =
    tile_pixels * 3 / 10;  // more residuals of 0: noise below the steps of the values
constexpr double least_prominence = 3.0, most_prominence = 10.0;  // in mean magnitudes: 2.4 … 8 deviations
constexpr uint32_t most_ends = tile_pixels / 20;                  // fewer than a dead column has
constexpr double beam_level = 0.75, beam_share = 0.01;
// A tile of noise alone is within four of its own deviations (7 %) of the mean.
constexpr double most_magnitude = 1.27;
constexpr double object_lowest = 0.05, object_highest = 0.70;

bool is_fine(const Tile& tile) {
  return tile.ends <= most_ends && tile.magnitude > 0 && tile.zeros <= most_zeros;
}

double transmission(double level) { return (level - canonical_opaque) / canonical_span; }

uint32_t index_of(double t) {
  return NoiseLevels::index(static_cast<uint32_t>(canonical_opaque + canonical_span * t));
}

}  // namespace

PlaneMeter::PlaneMeter(PlaneTraits traits)
    : traits_(std::move(traits)), limits_(NoiseLevels::levels, HUGE_VAL) {
  if (!traits_.noise || traits_.sample_bytes > 2) return;
  const uint16_t high = traits_.sample_bytes == 1 ? UINT8_MAX : UINT16_MAX;
  residuals_.emplace(std::min(traits_.columns, most_columns),
                     traits_.canonical ? canonical_opaque : uint16_t{0}, high);
  choice_.emplace(residuals_->columns(), traits_.sample_bytes);
}

void PlaneMeter::add(base::Bytes pixels, uint32_t rows) {
  const size_t row_bytes = size_t{traits_.columns} * traits_.sample_bytes;
  if (row_bytes == 0 || rows == 0 || pixels.size() < row_bytes * rows) return;
  for (uint32_t i = 0; i < rows; ++i) {
    const base::Bytes row = pixels.subspan(i * row_bytes, row_bytes);
    residuals_ ? add_row(row) : add_plain_row(row);
  }
  if (residuals_) return;
  last_row_.assign(row_above_.begin(), row_above_.end());
  row_above_ = last_row_;
}

// Stretches get numbers of rows far enough apart for their slabs not to be neighbours.
void PlaneMeter::add_row(base::Bytes row) {
  const uint64_t y = rows_++;
  if (!choice_->add(row)) return;
  if (choice_->begins()) {
    next_row_ = (next_row_ / tile_side + 2) * tile_side;
    skipped_ = y - next_row_;
  }
  if (residuals_->add(next_row_++, row, traits_.sample_bytes)) take_slab();
  if (choice_->ends()) look_at_last_slab();
}

// Of planes without noise: rows that are not as the one above.
void PlaneMeter::add_plain_row(base::Bytes row) {
  hash_.add(row);
  ++rows_;
  if (row_above_.size() == row.size() && std::memcmp(row_above_.data(), row.data(), row.size()) != 0)
    content_ += tile_pixels;
  row_above_ = row;
}

void PlaneMeter::take_slab() {
  hash_.add(std::as_bytes(residuals_->newest()));
  for (const Tile& tile : residuals_->newest()) {
    if (tile.ends > most_ends) continue;
    content_ += tile_pixels - tile.zeros;
    levels_.add(tile);
    if (is_fine(tile)) noisy_.add(tile);
  }
  // Every scan begins with what is in front of the object, so limits are known early; later they change
  // slowly.
  if (slabs_ < 4 || slabs_ % 8 == 0) set_limits();
  ++slabs_;
  const uint64_t newest = residuals_->newest_slab();
  if (residuals_->holds(newest - 1)) look_for_marks(newest - 1);
  last_slab_ = newest;
}

void PlaneMeter::look_at_last_slab() {
  if (last_slab_) look_for_marks(*last_slab_);
  last_slab_.reset();
}

// What is worth looking at; the last word is spoken when all of the scan is known.
void PlaneMeter::set_limits() {
  for (uint32_t level = 0; level < NoiseLevels::levels; ++level)
    if (noisy_.tiles(level) >= 8) limits_[level] = most_magnitude * 1.1 * noisy_.at(level, level)->magnitude;
}

void PlaneMeter::look_for_marks(uint64_t slab) {
  const std::vector<Tile>& tiles = *residuals_->tiles_of(slab);
  for (uint32_t i = 0; i < tiles.size(); ++i) {
    const Tile& tile = tiles[i];
    if (!is_fine(tile) || tile.magnitude > limits_[NoiseLevels::index(std::min(tile.level, 65535u))])
      continue;
    const double prominence = static_cast<double>(tile.most) * tile_pixels / tile.magnitude;
    const bool is_full = candidates_.size() == max_candidates;
    if (prominence > most_prominence ||
        prominence < (is_full ? candidates_.front().prominence : least_prominence))
      continue;
    look_at(slab, i, tile, prominence);
  }
}

void PlaneMeter::look_at(uint64_t slab, uint32_t tile_index, const Tile& tile, double prominence) {
  const uint32_t x = tile_index * tile_side + tile.most_column;
  uint64_t y = slab * tile_side;
  while (std::abs(residuals_->at(y, x)) != static_cast<int>(tile.most)) ++y;  // one of its sixteen
  if (x < Patch::columns_aside || x + Patch::columns_aside >= residuals_->columns()) return;
  const uint64_t above = slab * tile_side + Patch::rows_aside,
                 below = (slab + 1) * tile_side - Patch::rows_aside;
  if ((y < above && !residuals_->holds(slab - 1)) || (y >= below && !residuals_->holds(slab + 1))) return;
  const Patch patch(*residuals_, y, x);
  if (!patch.stands_out()) return;
  const Mark mark{static_cast<uint32_t>(y + skipped_), x, patch.signs()};
  if (!is_periodic(mark.signs)) keep({prominence, tile.level, tile.magnitude, mark});
}

void PlaneMeter::keep(Candidate candidate) {
  const auto later = [](const Candidate& a, const Candidate& b) { return a.prominence > b.prominence; };
  if (candidates_.size() == max_candidates) {
    std::pop_heap(candidates_.begin(), candidates_.end(), later);
    candidates_.pop_back();
  }
  candidates_.push_back(std::move(candidate));
  std::push_heap(candidates_.begin(), candidates_.end(), later);
}

// The brightest level that is more than a speck.
std::optional<NoiseAt> PlaneMeter::open_beam() const {
  if (!traits_.canonical) return std::nullopt;
  for (uint32_t top = NoiseLevels::levels - 2; top >= index_of(beam_level); --top) {
    const uint64_t tiles = noisy_.tiles(top - 1) + noisy_.tiles(top) + noisy_.tiles(top + 1);
    if (tiles >= least_tiles &&
        static_cast<double>(tiles) >= beam_share * static_cast<double>(levels_.tiles()))
      return noisy_.at(top - 1, top + 1);
  }
  return std::nullopt;
}

// Of a tile of noise alone. Below the open beam the noise is Poisson's, and electronics add to it: what is
// louder by these is not used, which costs marks and no certainty.
double PlaneMeter::limit_at(const Candidate& candidate, const std::optional<NoiseAt>& beam) const {
  if (beam) {
    const double share = transmission(candidate.level) / transmission(beam->level);
    return share <= 0 ? 0 : most_magnitude * beam->magnitude * std::sqrt(share);
  }
  const uint32_t level = NoiseLevels::index(std::min(candidate.level, 65535u));
  return noisy_.tiles(level) < 8 ? 0 : most_magnitude * noisy_.at(level, level)->magnitude;
}

void PlaneMeter::judge_noise(PlanePrint& print) const {
  const auto beam = open_beam();
  if (beam) {
    print.beam_noise = pixel_deviation(beam->magnitude) / canonical_span / transmission(beam->level);
    print.beam_tiles = beam->tiles;
  }
  if (traits_.canonical) {
    if (const auto object = levels_.at(index_of(object_lowest) + 1, index_of(object_highest))) {
      print.object_noise = pixel_deviation(object->magnitude) / canonical_span / transmission(object->level);
      print.object_tiles = object->tiles;
    }
  }
  print.yardstick = beam                            ? Yardstick::beam
                    : noisy_.tiles() >= least_tiles ? Yardstick::scan
                                                    : Yardstick::none;
  if (print.yardstick == Yardstick::none) return;
  std::vector<Candidate> kept;
  for (const Candidate& candidate : candidates_)
    if (candidate.magnitude <= limit_at(candidate, beam)) kept.push_back(candidate);
  std::sort(kept.begin(), kept.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(b.prominence, a.mark.row, a.mark.column) <
           std::tie(a.prominence, b.mark.row, b.mark.column);
  });
  if (kept.size() > max_marks) kept.resize(max_marks);
  for (const Candidate& candidate : kept) print.marks.push_back(candidate.mark);
}

PlanePrint PlaneMeter::finish() {
  look_at_last_slab();
  PlanePrint print;
  print.view = traits_.view;
  print.channel = traits_.channel;
  print.rows = rows_;
  print.columns = traits_.columns;
  print.raw_counts = traits_.raw_counts;
  print.fixed_pattern = traits_.fixed_pattern;
  print.hash = hash_.result();
  print.content = content_;
  if (residuals_) judge_noise(print);
  return print;
}

}  // namespace garita::freshness
