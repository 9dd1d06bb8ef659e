// One site of the demo, as a person would start it: the simulators of its devices, its site.toml, and `garita
// run`.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "tools/garita-demo/child.hpp"
#include "tools/garita-demo/fleet.hpp"

namespace garita::demo {

// What `garita run` tells.
struct Told {
  enum class What { package, refused, attempt, stopped } what = What::package;
  std::string lane, device, driver;
  std::filesystem::path package;
  std::string text;  // the sentence on a refused file or on a driver that was stopped; an attempt: "NET
                     // connect 192.0.2.1:443"
};

class SiteProcess {
 public:
  using OnTold = std::function<void(const Site&, const Told&)>;  // on threads of its own

  SiteProcess(const Folders& folders, const Site& site, OnTold on_told);
  ~SiteProcess();  // ends what still runs

  // The simulators listen, site.toml is written, the site runs. False: a simulator does not come up.
  bool start();

  // Every device has brought what it should, and every simulator is done with it.
  bool is_done() const;

  // Ends the site, in order. Returns the devices that brought too little, as "lane.device".
  std::vector<std::string> stop();

 private:
  struct Simulated {
    const Device* device = nullptr;
    std::string address;  // "127.0.0.1:41234"; empty: it writes files
    std::unique_ptr<Child> child;
  };
  bool start_simulator(const Device& device);
  std::string toml() const;
  std::string sources_of(const Device& device) const;
  void line(const std::string& text);
  std::vector<std::string> short_of() const;

  const Folders& folders_;
  const Site& site_;
  const OnTold on_told_;
  std::vector<Simulated> simulators_;
  std::unique_ptr<Child> host_;
  mutable std::mutex mutex_;
  std::map<std::string, unsigned> brought_;  // by "lane.device"
};

}  // namespace garita::demo
