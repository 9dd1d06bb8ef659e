// Modulation transfer from a slanted edge.
//
// After ISO 12233: the edge is found in every row, a line is laid through it, all pixels are sorted by their
// distance from it into bins of a quarter pixel, the difference of neighbours is the line spread, its
// spectrum is the modulation transfer. Two things differ and are ours: the edge's place in a row is the area
// between the row and its bright level, which noise moves less than a centroid does, and the window is flat
// in its middle half, where a Hamming window would narrow a wide line spread. What bins and differences take
// away is given back.
#pragma once

#include <optional>
#include <vector>

#include "conformance/quality/patch.hpp"

namespace garita::quality {

struct Transfer {
  double f20 = 0, u_f20 = 0;  // first frequency with less than 0.2; cycles a pixel across the edge; k = 2
  bool at_least = false;      // the curve does not fall below 0.2 up to highest_frequency, which f20 is then
  double slope = 0;           // columns a row
  std::vector<double> mtf, u_mtf;                                        // at frequency_step · i
  static constexpr double frequency_step = 0.01, highest_frequency = 1;  // cycles a pixel

  double at(double frequency) const;  // linear between; 0 beyond 1
  double u_at(double frequency) const;
};

// Of an edge that runs nearly along the rows' direction of counting (every row crosses it once). nullopt
// where there is no such edge, or it stands so straight that it never crosses a pixel. U: rows resampled 80
// times, how far their mean lies aside, and what a window three quarters as wide changes.
std::optional<Transfer> slanted_edge(const Patch& patch);

}  // namespace garita::quality
