// The planes that codecs are measured on: simulated ones from the physics of garita-sim, and real ones where
// they are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace garita::bench {

struct Plane {
  uint32_t rows = 0, columns = 0;
  std::vector<uint16_t> samples;
  size_t size_bytes() const { return samples.size() * 2; }
};

// Planes of one kind: they are coded one by one and count together.
struct PlaneClass {
  std::string name;
  std::vector<Plane> planes;
  bool few_valued = false;  // measured for itself: image.fewvalued_charls
  size_t size_bytes() const;
};

// Simulated classes always; real ones of GARITA_TEST_DATA, or of ../shared/data beside the source, where
// there. Says on stderr what it did not find.
std::vector<PlaneClass> plane_classes();

}  // namespace garita::bench
