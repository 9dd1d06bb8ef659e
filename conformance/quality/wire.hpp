// Is a thin wire seen?
//
// All lines across the patch that slope by at most a fifth are integrated (a Radon transform over small
// angles); the darkest is the wire, and what it is darker than the others, in standard deviations of such
// integrals, says whether it is seen.
#pragma once

#include <optional>
#include <vector>

#include "conformance/quality/regions.hpp"

namespace garita::quality {

// Of thousands of lines the darkest stands about four deviations out where there is no wire at all; five is
// not reached by chance once in a hundred patches.
inline constexpr double usual_wire_signal = 5;

// U: rows resampled, and how well the deviation of the others is known. nullopt for a patch of fewer than 16
// rows or columns, or without noise.
std::optional<Value> wire_signal(const Patch& patch);

// Wires from thick to thin: the last that is seen, as are all thicker ones. None: at_least the thickest, as
// the thinnest visible one is thicker than that. U: as penetration's.
struct Wire {
  double diameter_mm = 0;
  Value signal;
};
std::optional<Value> thinnest(const std::vector<Wire>& wires, double threshold);

}  // namespace garita::quality
