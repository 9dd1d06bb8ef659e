// Who takes part in the demo: sites, their lanes and devices, and what each device sends.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace garita::demo {

struct Folders {
  std::filesystem::path bin;      // where garita and garita-sim lie
  std::filesystem::path drivers;  // of what was built
  std::filesystem::path demo;     // everything that the demo writes
  std::filesystem::path packages() const { return demo / "packages"; }
  std::filesystem::path pictures() const { return demo / "pictures"; }
  std::filesystem::path log() const { return demo / "log.txt"; }
};

// One instrument. Its simulator listens, or writes files; without one its files lie there already, or nobody
// is there.
struct Device {
  std::string name, driver, model, instance;
  std::string stream;                  // that its driver is granted
  std::vector<std::string> simulator;  // arguments of garita-sim, without the address; none: no simulator
  unsigned inspections = 0;            // packages and joined scans that it brings, at least
  std::filesystem::path files = {};    // a folder that it exports to; empty: it is connected
  std::string files_are = {};          // "dicos": real files where they lie beside the project, else samples
  std::string second_stream = {};      // of lines by datagram; its address is chosen here
};

struct Lane {
  std::string name, subject, direction;
  std::vector<Device> devices;
};

struct Site {
  std::string id, name, kind, country, locode, time_zone;
  std::vector<Lane> lanes;
};

// Three sites, nine lanes, four vendors and more.
std::vector<Site> fleet(const Folders& folders);

}  // namespace garita::demo
