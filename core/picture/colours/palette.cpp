#include "core/picture/colours/palette.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace garita::picture {
namespace {

struct Stop {
  float at, red, green, blue;
};

constexpr Stop stops[] = {
    {0.00F, 0, 0, 4},      {0.13F, 30, 17, 76},   {0.26F, 78, 20, 110},
    {0.39F, 129, 33, 116}, {0.52F, 181, 51, 99},  {0.64F, 222, 79, 65},
    {0.76F, 245, 127, 32}, {0.88F, 250, 188, 62}, {1.00F, 255, 253, 228},
};

uint8_t rounded(float value) { return static_cast<uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F))); }

}  // namespace

Rgb grey(float brightness) {
  const uint8_t value = rounded(255 * brightness);
  return {value, value, value};
}

Rgb pseudo_colour(float brightness) {
  const float at = std::clamp(brightness, 0.0F, 1.0F);
  size_t i = 1;
  while (i + 1 < std::size(stops) && stops[i].at < at) ++i;
  const Stop &below = stops[i - 1], &above = stops[i];
  const float share = (at - below.at) / (above.at - below.at);
  const auto between = [share](float a, float b) { return rounded(a + (b - a) * share); };
  return {between(below.red, above.red), between(below.green, above.green), between(below.blue, above.blue)};
}

}  // namespace garita::picture
