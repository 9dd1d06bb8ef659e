#include "core/picture/drawing/reduce.hpp"

#include <algorithm>
#include <cmath>

namespace garita::picture {
namespace {

// Which source pixels make one target pixel: all of first … last, with what share of the outer two.
struct Cover {
  uint64_t first = 0, last = 0;
  float first_share = 1, last_share = 1;
};

Cover cover_of(int target, int targets, uint64_t sources) {
  const double step = static_cast<double>(sources) / targets;
  const double begin = target * step, end = std::min((target + 1) * step, static_cast<double>(sources));
  Cover cover;
  cover.first = std::min(static_cast<uint64_t>(begin), sources - 1);
  cover.last = std::clamp(static_cast<uint64_t>(std::ceil(end)) - 1, cover.first, sources - 1);
  if (cover.last == cover.first) return cover;
  cover.first_share = static_cast<float>(static_cast<double>(cover.first + 1) - begin);
  cover.last_share = static_cast<float>(end - static_cast<double>(cover.last));
  return cover;
}

// Runs of dead columns, each to be bridged from the live columns on both sides (or the one there is).
struct Gap {
  uint32_t first = 0, count = 0;
};

std::vector<Gap> gaps_of(const std::vector<uint32_t>& dead, uint32_t columns) {
  std::vector<Gap> gaps;
  for (const uint32_t column : dead) {
    if (column >= columns) break;
    if (!gaps.empty() && gaps.back().first + gaps.back().count == column)
      ++gaps.back().count;
    else if (gaps.empty() || column >= gaps.back().first + gaps.back().count)
      gaps.push_back({column, 1});
  }
  return gaps;
}

void bridge(const Gap& gap, float* row, uint32_t columns) {
  const uint32_t end = gap.first + gap.count;
  if (gap.count >= columns) return;  // nothing lives: leave it
  const float before = row[gap.first > 0 ? gap.first - 1 : end];
  const float after = row[end < columns ? end : gap.first - 1];
  for (uint32_t i = 0; i < gap.count; ++i)
    row[gap.first + i] =
        before + (after - before) * static_cast<float>(i + 1) / static_cast<float>(gap.count + 1);
}

// Pixel columns without a single row that was seen.
void bridge_lost(cv::Mat1f& image, const std::vector<float>& weights) {
  const int width = image.cols;
  for (int x = 0; x < width; ++x) {
    if (weights[static_cast<size_t>(x)] > 0) continue;
    int before = x - 1, after = x;  // before is bridged or seen, or -1
    while (after < width && weights[static_cast<size_t>(after)] <= 0) ++after;
    if (before < 0 && after == width) return;  // nothing was seen at all
    for (int gap = x; gap < after; ++gap) {
      const float share = static_cast<float>(gap - before) / static_cast<float>(after - before);
      const int left = before < 0 ? after : before, right = after == width ? before : after;
      for (int y = 0; y < image.rows; ++y)
        image(y, gap) = image(y, left) + (image(y, right) - image(y, left)) * share;
    }
    x = after - 1;
  }
}

// Adds rows to the pixel columns that they belong to.
class Accumulator {
 public:
  Accumulator(uint64_t rows, uint32_t columns, int width, int height)
      : rows_(rows), image_(cv::Mat1f::zeros(width, height)), weights_(static_cast<size_t>(width), 0.0F) {
    for (int y = 0; y < height; ++y) covers_.push_back(cover_of(y, height, columns));
    small_.resize(covers_.size());
  }

  void add(uint64_t row, const float* values) {
    shrink(values);
    const int width = image_.rows;
    const double step = static_cast<double>(rows_) / width;
    for (int x = std::clamp(static_cast<int>(static_cast<double>(row) / step) - 1, 0, width - 1); x < width;
         ++x) {
      const Cover cover = cover_of(x, width, rows_);
      if (cover.first > row) break;
      if (cover.last < row) continue;
      add_to(x, row == cover.first ? cover.first_share : row == cover.last ? cover.last_share : 1.0F);
    }
  }

  cv::Mat1f finish() {
    cv::Mat1f upright;
    for (int x = 0; x < image_.rows; ++x)
      if (weights_[static_cast<size_t>(x)] > 0) image_.row(x) /= weights_[static_cast<size_t>(x)];
    cv::transpose(image_, upright);
    bridge_lost(upright, weights_);
    return upright;
  }

 private:
  void shrink(const float* values) {
    for (size_t y = 0; y < covers_.size(); ++y) {
      const Cover& cover = covers_[y];
      float sum = values[cover.first] * cover.first_share, weight = cover.first_share;
      for (uint64_t i = cover.first + 1; i < cover.last; ++i) sum += values[i];
      if (cover.last > cover.first) {
        sum += values[cover.last] * cover.last_share;
        weight += cover.last_share + static_cast<float>(cover.last - cover.first - 1);
      }
      small_[y] = sum / weight;
    }
  }

  void add_to(int x, float share) {
    if (share <= 0) return;
    float* target = image_[x];
    for (size_t y = 0; y < small_.size(); ++y) target[y] += small_[y] * share;
    weights_[static_cast<size_t>(x)] += share;
  }

  const uint64_t rows_;
  cv::Mat1f image_;  // one row a pixel column, so that a scan row is added in one sweep
  std::vector<float> weights_;
  std::vector<Cover> covers_;
  std::vector<float> small_;
};

}  // namespace

base::Result<cv::Mat1f> reduce(const Plane& plane, const Masks& masks, int width, int height) {
  Accumulator accumulator(plane.rows, plane.columns, width, height);
  const std::vector<Gap> gaps = gaps_of(masks.dead_columns, plane.columns);
  std::vector<uint16_t> stored(plane.columns);
  std::vector<float> values(plane.columns);
  auto lost = masks.lost_rows.begin();
  for (uint64_t row = 0; row < plane.rows; ++row) {
    while (lost != masks.lost_rows.end() && *lost < row) ++lost;
    if (lost != masks.lost_rows.end() && *lost == row) continue;
    GARITA_TRY(plane.read(row, stored));
    constexpr float scale = 1.0F / canonical_span;
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(static_cast<int>(stored[i]) - canonical_opaque) * scale;
    for (const Gap& gap : gaps) bridge(gap, values.data(), plane.columns);
    accumulator.add(row, values.data());
  }
  return accumulator.finish();
}

}  // namespace garita::picture
