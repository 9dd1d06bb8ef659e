// Lanes of one device each, no two alike, and what they see: the same objects again and again, with new
// quanta each time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/freshness/plane_meter.hpp"
#include "tools/garita-sim/physics/random.hpp"

namespace garita::freshness::testing {

// What is peculiar to a device, or to what it is shown.
enum class Family {
  plain,  // 30 … 1,000,000 quanta a pixel in the open beam, 16 bits
  bits_8,
  bits_12,
  blurred,      // neighbours share signal across the travel
  sharpened,    // by the device: deconvolution, noise of neighbours anticorrelated
  pickup,       // mains on the electronics, in a random phase
  rough,        // structure at the size of pixels all over, no open beam, an object that does not move
  denoised,     // by the device: averaged wherever it is flat
  few_quanta,   // 2 … 30
  frame,        // an area detector without calibration: each pixel has a gain of its own
  empty,        // nothing but the beam
  saturated,    // the open beam beyond the end of the scale
  attenuation,  // delivered as -ln t in 12 bits
  dose,         // varies by two from scan to scan, and from pulse to pulse
  doubled,      // each line delivered twice
  uncorrected,  // raw counts of columns that are not alike
};
inline constexpr int families = 16;
const char* name_of(Family family);

struct Plane {
  uint32_t rows = 0, columns = 0;
  std::vector<uint16_t> pixels;
};

class Lane {
 public:
  Lane(Family family, uint64_t seed, uint32_t rows = 208);

  // One of a handful of objects; which one, and how it stands, is drawn.
  Plane scan();

  PlaneTraits traits() const;
  Family family() const { return family_; }
  double quanta() const { return quanta_; }
  uint32_t rows() const { return rows_; }
  static constexpr uint32_t columns = 400;

 private:
  using Field = std::vector<float>;
  static constexpr uint32_t margin = 8, field_columns = columns + 2 * margin;

  Field draw_object();
  void put(Field& field, double y, double x, double height, double width, double slant, double thickness);
  Field seen(const Field& object);
  void filter(Field& row_major) const;
  uint16_t digitized(float t, uint32_t x) const;

  const Family family_;
  const uint32_t rows_, field_rows_;
  sim::Random random_;
  double quanta_, electronics_, pulses_, vibration_, roughness_;
  bool stands_still_;
  std::vector<float> gains_;  // what calibration left of them: of columns, or of the pixels of a frame
  std::vector<Field> objects_;
};

PlanePrint print_of(const Plane& plane, const PlaneTraits& traits);

// ---- What a liar does with a scan

Plane shifted(const Plane& plane, uint32_t rows, uint32_t columns);  // cut off at one end, as many fewer
Plane cut(const Plane& plane, uint32_t first_row, uint32_t rows);
Plane brightened(const Plane& plane, double gain, double offset);
Plane mirrored(const Plane& plane, bool rows, bool columns);
Plane with_noise(const Plane& plane, double share,
                 sim::Random& random);  // of the noise that is there already
Plane smoothed(const Plane& plane);     // 5 by 5

}  // namespace garita::freshness::testing
