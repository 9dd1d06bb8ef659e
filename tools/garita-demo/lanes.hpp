// The lanes of the demo: which device stands where, and the scans that came of it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace garita::demo {

struct Lane {
  std::string site, name;
  std::string driver, source;               // "portal", "scanner"
  std::vector<std::string> simulator;       // arguments of garita-sim, without --listen; or none:
  unsigned scans = 1;                       // that the simulator sends
  std::filesystem::path files = {};         // a folder of a device's files, all of them taken
};

struct Folders {
  std::filesystem::path bin;   // where garita and garita-sim lie
  std::filesystem::path demo;  // everything the demo writes
  std::filesystem::path packages() const { return demo / "packages"; }
  std::filesystem::path pictures() const { return demo / "pictures"; }
  std::filesystem::path state() const { return demo / "state"; }
  std::filesystem::path log() const { return demo / "log.txt"; }
};

struct Told {
  std::filesystem::path package;  // stored; or empty, and:
  std::string reason;             // the sentence on a file that was refused or passed over
};

// Runs all lanes at the same time: a `garita scan` each, and its simulator, as a person would start them. on_told is
// called for each package and each other file as it comes, one call at a time. Returns the names of the lanes that failed:
// where a portal's scans are not all stored, or a file is not accounted for.
std::vector<std::string> run_lanes(const Folders& folders, const std::vector<Lane>& lanes,
                                   const std::function<void(const Lane&, const Told&)>& on_told);

}  // namespace garita::demo
