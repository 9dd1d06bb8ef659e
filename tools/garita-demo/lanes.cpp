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

using OnTold = std::function<void(const Told&)>;

// What `garita scan` says of one lane, line by line.
struct Account {
  unsigned stored = 0;
  bool files_add_up = false;

  void line(const std::string& text, const OnTold& on_told) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return;
    if (json.value("fate", "") == "stored") {
      ++stored;
      on_told({json.value("package", ""), ""});
    }
    const std::string event = json.value("event", "");
    if (event == "refused" || event == "passed_over") on_told({{}, json.value("reason", "")});
    if (json.contains("files"))
      files_add_up = json.value("files", 0) > 0 && json.value("files", 0) == json.value("packages", 0) + json.value("joined", 0) +
                                                                                 json.value("refused", 0) + json.value("passed_over", 0);
  }
};

std::vector<std::string> scan_words(const Folders& folders, const Lane& lane, const std::string& address) {
  return {folders.bin / "garita", "scan",   "--driver", lane.driver, "--source",   lane.source + '=' + address,
          "--out",     folders.packages(),  "--state",  folders.state(), "--site", lane.site,
          "--lane",    lane.name,           "--instance", lane.name, "--json"};
}

bool run_file_lane(const Folders& folders, const Lane& lane, const OnTold& on_told) {
  std::vector<std::string> words = scan_words(folders, lane, "dir:" + lane.files.string() + "?settle_ms=0");
  words.push_back("--until-empty");
  Account account;
  Child host(words, folders.log(), [&](const std::string& line) { account.line(line, on_told); });
  const int code = host.wait();
  return (code == 0 || code == 4) && account.files_add_up;
}

bool run_portal_lane(const Folders& folders, const Lane& lane, const OnTold& on_told) {
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
  if (address.empty()) return false;

  std::vector<std::string> words = scan_words(folders, lane, "tcp://" + address);
  words.insert(words.end(), {"--count", std::to_string(lane.scans)});
  Account account;
  Child host(words, folders.log(), [&](const std::string& line) { account.line(line, on_told); });
  return host.wait() == 0 && account.stored == lane.scans;
}

}  // namespace

std::vector<std::string> run_lanes(const Folders& folders, const std::vector<Lane>& lanes,
                                   const std::function<void(const Lane&, const Told&)>& on_told) {
  std::mutex mutex;
  std::vector<std::future<bool>> running;
  for (const Lane& lane : lanes)
    running.push_back(std::async(std::launch::async, [&] {
      const auto run = lane.files.empty() ? run_portal_lane : run_file_lane;
      return run(folders, lane, [&](const Told& told) {
        const std::lock_guard lock(mutex);
        on_told(lane, told);
      });
    }));
  std::vector<std::string> failed;
  for (size_t i = 0; i < lanes.size(); ++i)
    if (!running[i].get()) failed.push_back(lanes[i].name);
  return failed;
}

}  // namespace garita::demo
