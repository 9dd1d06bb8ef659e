#include "tests/freshness/simulated_lane.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace garita::freshness::testing {
namespace {

constexpr float span = 57344, opaque = 1024;

double log_uniform(sim::Random& random, double lowest, double highest) {
  return std::exp(random.uniform(std::log(lowest), std::log(highest)));
}

uint16_t stored(double value) { return static_cast<uint16_t>(std::clamp(std::round(value), 0.0, 65535.0)); }

}  // namespace

const char* name_of(Family family) {
  static constexpr const char* names[] = {
      "plain",      "bits_8", "bits_12", "blurred",   "sharpened",   "pickup", "rough",   "denoised",
      "few_quanta", "frame",  "empty",   "saturated", "attenuation", "dose",   "doubled", "uncorrected"};
  return names[static_cast<int>(family)];
}

Lane::Lane(Family family, uint64_t seed, uint32_t rows)
    : family_(family), rows_(rows), field_rows_(rows + 2 * margin), random_(seed) {
  const bool few = family == Family::few_quanta;
  quanta_ = few ? log_uniform(random_, 2, 30) : log_uniform(random_, 30, 1e6);
  electronics_ = log_uniform(random_, 1e-5, 1e-3);
  pulses_ = random_.chance(0.5) ? 0 : log_uniform(random_, 1e-3, 5e-2);
  vibration_ = random_.chance(0.5) ? 0 : random_.uniform(0.05, 0.6);
  roughness_ = family == Family::rough ? random_.uniform(0.02, 0.10)
               : random_.chance(0.5)   ? 0
                                       : random_.uniform(0, 0.03);
  stands_still_ = family == Family::rough || random_.chance(0.5);
  const double left = family == Family::uncorrected ? 0.3 : log_uniform(random_, 1e-4, 3e-2);
  gains_.resize(family == Family::frame ? size_t{rows_} * columns : columns);
  for (float& gain : gains_) gain = static_cast<float>(std::max(0.1, 1 + left * random_.normal()));
  if (family != Family::frame && random_.chance(0.5)) gains_[random_.below(columns)] = 0;  // dead
  for (int i = 0; i < 4; ++i) objects_.push_back(draw_object());
}

// Thickness in mean free paths goes on top of what is there.
void Lane::put(Field& field, double y, double x, double height, double width, double slant,
               double thickness) {
  const auto first = static_cast<uint32_t>(std::max(0.0, y));
  for (uint32_t row = first; row < std::min<double>(field_rows_, y + height); ++row)
    for (uint32_t column = 0; column < field_columns; ++column) {
      const double along = row - y, across = column - x + slant * along;
      if (along >= 0 && along < height && across >= 0 && across < width)
        field[size_t{row} * field_columns + column] += static_cast<float>(thickness);
    }
}

Lane::Field Lane::draw_object() {
  Field field(size_t{field_rows_} * field_columns, family_ == Family::rough ? 0.5f : 0.0f);
  if (family_ == Family::empty) return Field(field.size(), 1.0f);
  for (uint32_t i = 0; i < 8 * rows_ / 208; ++i)
    put(field, random_.uniform(0, rows_), random_.uniform(0, columns), random_.uniform(4, 120),
        random_.uniform(4, 200), random_.chance(0.5) ? 0 : random_.uniform(-1, 1),
        log_uniform(random_, 0.02, 3));
  for (uint32_t i = 0; i < 40 * rows_ / 208; ++i)  // bolts and grain
    put(field, random_.uniform(0, rows_), random_.uniform(0, columns), 2, 2, 0,
        log_uniform(random_, 0.01, 1));
  for (float& thickness : field)
    thickness += static_cast<float>(thickness > 0 ? roughness_ * random_.normal() : 0);
  // Focus and detector blur all of it a little, and everything is at hand at fractions of a pixel.
  Field blurred(field.size(), 1.0f);
  for (uint32_t row = 1; row + 1 < field_rows_; ++row)
    for (uint32_t column = 1; column + 1 < field_columns; ++column) {
      const auto at = [&](uint32_t y, uint32_t x) { return std::exp(-field[size_t{y} * field_columns + x]); };
      blurred[size_t{row} * field_columns + column] =
          0.6f * at(row, column) +
          0.1f * (at(row - 1, column) + at(row + 1, column) + at(row, column - 1) + at(row, column + 1));
    }
  return blurred;
}

// How it stands this time: somewhat elsewhere, and shaking.
Lane::Field Lane::seen(const Field& object) {
  const double phase = random_.uniform(0, 6.3), turns = random_.uniform(0.02, 0.5);
  const double down = stands_still_ ? 0 : random_.uniform(-4, 4),
               right = stands_still_ ? 0 : random_.uniform(-4, 4);
  Field field(size_t{rows_} * columns);
  for (uint32_t row = 0; row < rows_; ++row) {
    const double y = margin + row + down, x0 = margin + right + vibration_ * std::sin(phase + turns * row);
    const auto top = static_cast<uint32_t>(y), left = static_cast<uint32_t>(x0);
    const auto fy = static_cast<float>(y - top), fx = static_cast<float>(x0 - left);
    const float* const a = object.data() + size_t{top} * field_columns + left;
    const float* const b = a + field_columns;
    for (uint32_t x = 0; x < columns; ++x)
      field[size_t{row} * columns + x] =
          (1 - fy) * ((1 - fx) * a[x] + fx * a[x + 1]) + fy * ((1 - fx) * b[x] + fx * b[x + 1]);
  }
  return field;
}

// What the device's own processing makes of signal and noise.
void Lane::filter(Field& field) const {
  const float side = family_ == Family::blurred ? 0.25f : family_ == Family::sharpened ? -0.3f : 0.0f;
  if (side != 0) {
    const Field before = field;
    for (uint32_t row = 0; row < rows_; ++row)
      for (uint32_t x = 1; x + 1 < columns; ++x) {
        const float* const at = before.data() + size_t{row} * columns + x;
        field[size_t{row} * columns + x] = (1 - 2 * side) * at[0] + side * (at[-1] + at[1]);
      }
  }
  if (family_ == Family::denoised) {
    const Field before = field;
    const float flat = 4 * static_cast<float>(std::sqrt(1 / quanta_) + electronics_);
    for (uint32_t row = 1; row + 1 < rows_; ++row)
      for (uint32_t x = 1; x + 1 < columns; ++x) {
        float sum = 0, count = 0;
        const float own = before[size_t{row} * columns + x];
        for (uint32_t y = row - 1; y <= row + 1; ++y)
          for (uint32_t c = x - 1; c <= x + 1; ++c)
            if (const float value = before[size_t{y} * columns + c]; std::abs(value - own) < flat)
              sum += value, ++count;
        field[size_t{row} * columns + x] = sum / count;
      }
  }
}

uint16_t Lane::digitized(float t, uint32_t) const {
  const float bits = family_ == Family::bits_8 ? 255 : family_ == Family::bits_12 ? 4095 : 60000;
  if (family_ == Family::uncorrected) return stored(300 + 40000 * t);
  if (family_ == Family::attenuation) {
    const float depth = std::round(std::clamp(-std::log(std::max(t, 1e-4f)), -0.1f, 9.0f) * 400) / 400;
    return stored(opaque + span * std::exp(-depth));
  }
  const float most = family_ == Family::saturated ? 0.9f : 1.12f;
  return stored(opaque + span * std::round(std::clamp(t, -0.01f, most) * bits / 1.12f) / bits * 1.12f);
}

Plane Lane::scan() {
  Field field = seen(objects_[random_.below(static_cast<uint32_t>(objects_.size()))]);
  const double scan_dose = family_ == Family::dose ? random_.uniform(0.7, 1.4) : 1;
  const double hum = family_ == Family::pickup ? std::sqrt(1 / quanta_) * random_.uniform(0.5, 4) : 0;
  const double phase = random_.uniform(0, 6.3), period = random_.uniform(3, 20);
  for (uint32_t row = 0; row < rows_; ++row) {
    const double dose = 1 + (family_ == Family::dose ? 0.1 : pulses_) * random_.normal();
    for (uint32_t x = 0; x < columns; ++x) {
      float& t = field[size_t{row} * columns + x];
      const double mean = std::max(0.0, quanta_ * scan_dose * t * dose);
      const double counted = mean < 50 ? random_.poisson(mean) : mean + std::sqrt(mean) * random_.normal();
      const double gain = gains_[family_ == Family::frame ? size_t{row} * columns + x : x];
      t = static_cast<float>(gain * counted / (quanta_ * scan_dose) + electronics_ * random_.normal() +
                             hum * std::sin(phase + 2 * std::numbers::pi * row / period + 0.1 * x));
      if (gain == 0) t = 0;
    }
  }
  filter(field);
  Plane plane{rows_, columns, std::vector<uint16_t>(field.size())};
  for (size_t i = 0; i < field.size(); ++i) {
    const size_t from = family_ == Family::doubled ? i / columns / 2 * 2 * columns + i % columns : i;
    plane.pixels[i] = digitized(field[from], static_cast<uint32_t>(i % columns));
  }
  return plane;
}

PlaneTraits Lane::traits() const {
  return {.view = "side",
          .channel = "high",
          .columns = columns,
          .noise = true,
          .canonical = family_ != Family::uncorrected,
          .raw_counts = family_ != Family::denoised && family_ != Family::attenuation,
          .fixed_pattern = family_ == Family::frame};
}

PlanePrint print_of(const Plane& plane, const PlaneTraits& traits) {
  PlaneTraits own = traits;
  own.columns = plane.columns;
  PlaneMeter meter(own);
  meter.add(base::Bytes(plane.pixels.data(), plane.pixels.size() * sizeof(uint16_t)), plane.rows);
  return meter.finish();
}

Plane shifted(const Plane& plane, uint32_t down, uint32_t right) {
  Plane out{plane.rows - down, plane.columns - right, {}};
  for (uint32_t row = 0; row < out.rows; ++row) {
    const auto from = plane.pixels.begin() + (size_t{row} + down) * plane.columns + right;
    out.pixels.insert(out.pixels.end(), from, from + out.columns);
  }
  return out;
}

Plane cut(const Plane& plane, uint32_t first_row, uint32_t count) {
  Plane out = shifted(plane, first_row, 0);
  out.rows = std::min(out.rows, count);
  out.pixels.resize(size_t{out.rows} * out.columns);
  return out;
}

Plane brightened(const Plane& plane, double gain, double offset) {
  Plane out = plane;
  for (uint16_t& pixel : out.pixels) pixel = stored(pixel * gain + offset);
  return out;
}

Plane mirrored(const Plane& plane, bool rows, bool columns) {
  Plane out = plane;
  for (uint32_t row = 0; row < plane.rows; ++row) {
    const auto from = plane.pixels.begin() + size_t{rows ? plane.rows - 1 - row : row} * plane.columns;
    const auto to = out.pixels.begin() + size_t{row} * plane.columns;
    if (columns)
      std::reverse_copy(from, from + plane.columns, to);
    else
      std::copy(from, from + plane.columns, to);
  }
  return out;
}

Plane with_noise(const Plane& plane, double share, sim::Random& random) {
  std::vector<double> sizes;
  for (size_t i = 0; i + plane.columns + 1 < plane.pixels.size(); i += 7)
    sizes.push_back(std::abs(double{1} * plane.pixels[i] - plane.pixels[i + 1] -
                             plane.pixels[i + plane.columns] + plane.pixels[i + plane.columns + 1]));
  std::nth_element(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2), sizes.end());
  const double deviation = share * sizes[sizes.size() / 2] / 0.6745 / 2;
  Plane out = plane;
  for (uint16_t& pixel : out.pixels) pixel = stored(pixel + deviation * random.normal());
  return out;
}

Plane smoothed(const Plane& plane) {
  Plane out = plane;
  for (uint32_t row = 2; row + 2 < plane.rows; ++row)
    for (uint32_t x = 2; x + 2 < plane.columns; ++x) {
      uint32_t sum = 0;
      for (uint32_t y = row - 2; y <= row + 2; ++y)
        for (uint32_t c = x - 2; c <= x + 2; ++c) sum += plane.pixels[size_t{y} * plane.columns + c];
      out.pixels[size_t{row} * plane.columns + x] = static_cast<uint16_t>((sum + 12) / 25);
    }
  return out;
}

}  // namespace garita::freshness::testing
