#include "tools/garita-demo/lanes.hpp"

#include <future>
#include <mutex>
#include <nlohmann/json.hpp>

#include "tools/garita-demo/child.hpp"

namespace garita::demo {
namespace {

// The address in "listening on 127.0.0.1:41234", or "" where the simulator does not come up.
std::string address_of(std::future<std::string>& said) {
  if (said.wait_for(std::chrono::seconds(10)) != std::future_status::ready) return "";
  const std::string line = said.get();
  return line.substr(line.rfind(' ') + 1);
}

int run_lane(const Folders& folders, const Lane& lane, const std::function<void(const std::filesystem::path&)>& stored) {
  std::promise<std::string> listening;
  auto said = listening.get_future();
  bool told = false;
  std::vector<std::string> simulator = {folders.bin / "garita-sim"};
  simulator.insert(simulator.end(), lane.simulator.begin(), lane.simulator.end());
  simulator.insert(simulator.end(), {"--listen", "127.0.0.1:0", "--count", std::to_string(lane.scans)});
  Child device(simulator, folders.log(), [&](const std::string& line) {
    if (!std::exchange(told, true)) listening.set_value(line);
  });
  const std::string address = address_of(said);
  if (address.empty()) return 3;

  const auto on_line = [&](const std::string& line) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.value("fate", "") == "stored") stored(json.value("package", ""));
  };
  Child host({folders.bin / "garita", "scan", "--driver", lane.driver, "--source", lane.source + "=tcp://" + address, "--out",
              folders.packages(), "--state", folders.state(), "--site", lane.site, "--lane", lane.name, "--instance",
              lane.name, "--count", std::to_string(lane.scans), "--json"},
             folders.log(), on_line);
  return host.wait();
}

}  // namespace

std::vector<std::string> run_lanes(const Folders& folders, const std::vector<Lane>& lanes,
                                   const std::function<void(const Lane&, const std::filesystem::path&)>& on_package) {
  std::mutex mutex;
  std::vector<std::future<int>> running;
  for (const Lane& lane : lanes)
    running.push_back(std::async(std::launch::async, [&] {
      return run_lane(folders, lane, [&](const std::filesystem::path& package) {
        const std::lock_guard lock(mutex);
        on_package(lane, package);
      });
    }));
  std::vector<std::string> failed;
  for (size_t i = 0; i < lanes.size(); ++i)
    if (running[i].get() != 0) failed.push_back(lanes[i].name);
  return failed;
}

}  // namespace garita::demo
