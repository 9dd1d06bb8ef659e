// A site whose scanners are unplugged, whose drivers are killed and whose disk fills: nothing is lost,
// counted by sequence numbers on both ends. With GARITA_LONG=1 for ten minutes.
#include <cstdlib>
#include <set>

#include "tests/site/faulty_site.hpp"

namespace garita::host {
namespace {

using testing::Json;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class SiteUnderFaults : public testing::FaultySite {
 protected:
  bool fleet_ended() const {
    const auto lines = lines_of(folder_ / "fleet.out");
    return !lines.empty() && lines.back()["event"] == "fleet_end";
  }

  // LANE KEY a line.
  std::map<std::string, std::set<std::string>> fleet_keys() const {
    std::map<std::string, std::set<std::string>> keys;
    std::istringstream in(testing::text_of(folder_ / "keys"));
    for (std::string lane, key; in >> lane >> key;) keys[lane].insert(key);
    return keys;
  }

  // What the host said of a scan, for whoever must find out.
  std::string told_of(const std::string& key) const {
    std::string told;
    for (const Json& each : lines_of(folder_ / "events"))
      if (each.value("scan_key", "") == key) told += each.dump() + '\n';
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "out"))
      told += entry.path().string() + '\n';
    return told;
  }
};

TEST_F(SiteUnderFaults,
       every_vehicle_that_a_portal_was_told_is_stored_is_a_whole_package_and_none_is_missing) {
  const bool is_long = std::getenv("GARITA_LONG") != nullptr;
  const int lanes = is_long ? 6 : 3, vehicles = is_long ? 200 : 8;
  mount_disk(is_long ? 400 : 48);
  children_.push_back(testing::start_program(
      {GARITA_BIN_DIR "/garita-sim", "fleet", "--lanes", std::to_string(lanes), "--rate",
       is_long ? "1200" : "3600", "--count", std::to_string(vehicles), "--columns", "64", "--lines", "400",
       "--unplug-s", is_long ? "7" : "2.5", "--site", folder_ / "site.toml", "--keys", folder_ / "keys"},
      folder_ / "fleet.out", folder_ / "fleet.err"));
  ASSERT_TRUE(wait_until([&] { return fs::exists(folder_ / "site.toml"); }))
      << testing::text_of(folder_ / "fleet.err");
  run_site();
  const auto longest = std::chrono::steady_clock::now() + (is_long ? 1800s : 180s);
  for (size_t round = 1; !fleet_ended() && std::chrono::steady_clock::now() < longest; ++round) {
    std::this_thread::sleep_for(is_long ? 5s : 1500ms);
    kill_a_worker(round);
    if (round % 3 != 0) continue;
    fill_disk();
    std::this_thread::sleep_for(1s);
    empty_disk();
  }
  ASSERT_TRUE(fleet_ended()) << testing::text_of(folder_ / "fleet.out") << testing::text_of(folder_ / "said");
  EXPECT_EQ(stop_site(), 0);

  const auto sent = fleet_keys();
  ASSERT_EQ(sent.size(), static_cast<size_t>(lanes));
  for (const auto& [lane, keys] : sent) {
    EXPECT_EQ(keys.size(), static_cast<size_t>(vehicles)) << lane;
    const auto stored = packages(lane);
    for (const std::string& key : keys) {
      const auto found = stored.find(key);
      ASSERT_NE(found, stored.end()) << key << " was acknowledged and is not there";
      EXPECT_TRUE(found->second) << key << " was acknowledged and is there in part alone\n" << told_of(key);
    }
    EXPECT_EQ(stored.size(), keys.size()) << "a package of a vehicle that never came";
  }
}

}  // namespace
}  // namespace garita::host
