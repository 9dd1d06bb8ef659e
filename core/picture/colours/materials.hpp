// What material a pixel looks like: two attenuations of two energies, compared with those of cellulose,
// aluminium and iron.
//
// a = -ln t. For each material the pair (a high, a low) runs along a curve as it gets thicker; the beam
// hardens, so the curve bends. The curves are computed for the two nominal energies: Kramers' spectrum behind
// a filter, an energy-integrating detector, attenuation coefficients of NIST XCOM. A pixel is placed between
// the curves at its own a high:
//
//   0 on cellulose (organic)     1 on aluminium (inorganic)     2 on iron (metal)
//
// The same works for megavolts, where pair production makes metals attenuate the higher energy more, and for
// kilovolts, where the photoelectric effect makes them attenuate the lower energy more.
//
// Limits, all of them real: it sees what lies along a ray, so organic behind metal is metal, and steel over
// wood is "inorganic"; where a is under 0.03 or t under 0.003 there is nothing to tell and no colour is
// given; lead and uranium look like metal; a real machine's filter and detector shift the borders, so the
// colours guide the eye and prove nothing.
#pragma once

#include <algorithm>
#include <vector>

#include "core/picture/colours/palette.hpp"

namespace garita::picture {

enum Material : int { organic = 0, inorganic = 1, metal = 2 };

class MaterialCurves {
 public:
  // Nominal energies in keV. Under 1000: tubes; equal or unknown ones there mean one tube seen by two
  // detectors with copper between them. Both 0: 6000 and 4000.
  MaterialCurves(double high_kev, double low_kev);

  // Attenuation of the low energy where the high one's is `high`, 0 … max_attenuation.
  float low_of(Material material, float high) const;

  // -0.5 … 2.5: between the curves as above; 1 where both attenuations are 0.
  float place(float high, float low) const;

  static constexpr float max_attenuation = 8;

 private:
  static constexpr int steps = 400;
  std::vector<float> low_[3];  // over high = 0 … max_attenuation in equal steps
};

// How sure a place is, 0 … 1, at an attenuation of the high energy: too thin or too dark to tell is 0.
float material_certainty(float high_attenuation);

// From light (thin) to dark (thick): brightness 0 … 1, place as above, certainty 0 (grey) … 1.
Rgb material_colour(float brightness, float place, float certainty);

}  // namespace garita::picture
