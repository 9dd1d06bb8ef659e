// The lanes of the demo: which simulated device stands where, and the scans that came of it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace garita::demo {

struct Lane {
  std::string site, name;
  std::string driver, source;               // "portal", "scanner"
  std::vector<std::string> simulator;       // arguments of garita-sim, without --listen
  unsigned scans = 1;
};

struct Folders {
  std::filesystem::path bin;   // where garita and garita-sim lie
  std::filesystem::path demo;  // everything the demo writes
  std::filesystem::path packages() const { return demo / "packages"; }
  std::filesystem::path pictures() const { return demo / "pictures"; }
  std::filesystem::path state() const { return demo / "state"; }
  std::filesystem::path log() const { return demo / "log.txt"; }
};

// Runs all lanes at the same time: a simulator and a `garita scan` each, as a person would start them. on_package is
// called for each package as it is stored, one call at a time. Returns the names of the lanes that failed.
std::vector<std::string> run_lanes(const Folders& folders, const std::vector<Lane>& lanes,
                                   const std::function<void(const Lane&, const std::filesystem::path&)>& on_package);

}  // namespace garita::demo
