// Any bytes as a table of steps: refused by a line's number, or a curve's worth of places whose curve is
// monotone.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/text.hpp"
#include "core/host/steel_calibration.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  using namespace garita;
  const auto places = host::parse_steel_table({reinterpret_cast<const char*>(data), size_bytes});
  if (!places) {
    if (base::render(places.error(), base::Language::en).empty()) std::abort();
    return 0;
  }
  std::vector<normalize::SteelStep> steps;
  for (const host::SteelPlace& place : *places) {
    if (!(place.steel_mm >= 0) || place.rows == 0 || place.columns == 0) std::abort();
    // Whatever was measured there: the table's other numbers stand in for it.
    steps.push_back({place.steel_mm, std::exp(-static_cast<double>(place.first_row % 4096) / 256),
                     static_cast<double>(place.first_column % 64) * 1e-5});
  }
  const auto curve = normalize::SteelCurve::fit(steps);
  if (!curve) return 0;
  double before = -1;
  for (double t = 1.05; t >= curve->min_transmission(); t *= 0.9) {
    const auto mm = curve->steel_mm(t);
    if (!mm || !(*mm >= before)) std::abort();
    before = *mm;
  }
  return 0;
}
