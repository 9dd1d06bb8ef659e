// The sidecar of a passage as the simulated gantry writes it: feet, inches, miles an hour, °F, and the wall
// clock's time.
#pragma once

#include <string>
#include <vector>

#include "tools/garita-sim/leidos/gantry.hpp"
#include "tools/garita-sim/portal_source.hpp"

namespace garita::sim::leidos {

struct Mark {
  std::string view, code, label;
  uint32_t left = 0, top = 0, width = 1, height = 1;
  int percent = 50;
};

struct PassageFile {
  std::string suffix;  // behind the passage's id: "_tx.tif"
  std::string bytes;
};

struct PassageText {
  std::string id, key, serial, zone;
  int64_t start_utc_ns = 0, stop_utc_ns = 0;
  bool north = true;
  double speed_mph = 5, ambient_f = 80, pitch_in = 0.2;
  int weight_lb = 60'000, axles = 5;
  Facts facts;
  std::vector<Mark> marks;
};

std::string sidecar_of(const PassageText& passage, const Exposure& exposure,
                       const std::vector<PassageFile>& files);

// What the algorithm of the machine marks: what is hidden in the load; one code instead of its own where one
// is given, a place for each where several are.
std::vector<Mark> marks_of(const Exposure& exposure, const std::vector<std::string>& codes, Random& random);

}  // namespace garita::sim::leidos
