// The families that are shown the common object: one row each. How its device sees the object is the test's
// own knowledge, taken from its simulator, never from its driver.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "tests/fleet/object_report.hpp"

namespace garita::fleet {

struct SeenView {
  std::string view, channel;
  Sight
      sight;  // pitch_along_m 0: another for each scan; what the record says, the plate's size must bear out
  double least_range_mm = 20;  // of steel; a device that calls everything opaque is not right
};

struct Family {
  std::string name;    // of the test
  std::string driver;  // as garita scan finds it
  // Shell: starts the simulator in the background on a free port written to ./port; SCENE and SEED are in the
  // environment. What to give to --source then, with $(cat port) in it.
  std::string simulator, source;
  std::vector<SeenView> views;
  bool has_two_energies = true;  // else swapping them changes nothing

  friend void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }
};

inline std::string tcp_simulator(const std::string& name, const std::string& more = "") {
  return "garita-sim " + name +
         " --listen 127.0.0.1:0 --port-file port --count 1 --scene $SCENE --seed $SEED " + more;
}

inline const std::vector<Family>& families() {
  using sim::Aspect;
  static const std::string scanner = "scanner=tcp://127.0.0.1:$(cat port)";
  static const std::vector<Family> all = {
      {"portal", "portal", tcp_simulator("portal"), scanner, {{"side", "high", {}, 150}}},
      {"cabinet",
       "astrophysics",
       tcp_simulator("astrophysics", "--model cabinet"),
       scanner,
       {{"side", "high", {{648, 0.00065, 0.0008, 0.15, 0.70}, {Aspect::side, 0.03, 0.05}}},
        {"below", "high", {{832, 0.00075, 0.0008, 0.312, 0.60}, {Aspect::below, 0.03, 0.12}}}}},
      {"lane",
       "astrophysics",
       tcp_simulator("astrophysics", "--model portal"),
       scanner,
       {{"side", "single", {{704, 0.006, 0.006, 1.2, 4}, {Aspect::side, 0.7, 1.05}}, 40}},
       false},
      {"nuctech",
       "nuctech",
       tcp_simulator("nuctech"),
       "portal=tcp://127.0.0.1:$(cat port)",
       {{"side", "high", {{704, 0.0056, 0.006, 1.9, 4.4}, {}}, 150}}},
      {"rapiscan",
       "rapiscan",
       tcp_simulator("rapiscan"),
       "control=tcp://127.0.0.1:$(cat port) --source lines=udp://127.0.0.1:$(cat port)",
       {{"side", "high", {{682, 0.006, 0, 1.1, 6.5}, {}}, 150}}},
      {"leidos",
       "leidos",
       "{ rm -rf exports; mkdir exports; garita-sim leidos --dir exports --count 1 --scene $SCENE --seed "
       "$SEED; "
       "echo 0 > port; }",
       "exports=dir:exports",
       {{"side", "single", {{768, 0.00508, 0.00508, 1.1, 4.2}, {}}, 100}},
       false},
  };
  return all;
}

}  // namespace garita::fleet
