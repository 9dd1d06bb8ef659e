// examples/sites/mexicali.toml as it stands, but for its addresses: every vendor's simulator behind it,
// cables pulled, workers killed, the disk filled. Nothing is lost, counted by sequence numbers on both ends.
// With GARITA_LONG=1 for ten minutes.
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "tests/site/cable.hpp"
#include "tests/site/faulty_site.hpp"

namespace garita::host {
namespace {

using testing::Cable;
using testing::Json;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

using Numbers = std::set<uint64_t>;  // of a device's own count, from 1

// "SG6B-00007-000012/09ab…": 12.
uint64_t number_of(std::string key) {
  key = key.substr(0, key.find('/'));
  return std::strtoull(key.substr(key.rfind('-') + 1).c_str(), nullptr, 10);
}

Numbers up_to(uint64_t count) {
  Numbers numbers;
  for (uint64_t n = 1; n <= count; ++n) numbers.insert(n);
  return numbers;
}

struct Counted {
  Numbers whole, in_part;
};

struct Load {
  uint64_t trucks, bags, exports, occupancies;
  const char *truck_rate, *bag_rate, *export_rate, *occupancy_rate;  // an hour
  std::chrono::milliseconds pause;                                   // between two faults
  int disk_mib;
};
constexpr Load brief{6, 8, 5, 6, "1800", "2400", "1800", "1500", 1200ms, 300},
    ten_minutes{60, 120, 60, 80, "360", "720", "360", "480", 7s, 2000};

class Mexicali : public testing::FaultySite {
 protected:
  Mexicali() : load_(std::getenv("GARITA_LONG") ? ten_minutes : brief) {}

  // The portal passes a small object: a lorry takes seconds to simulate, and what is interrupted that often
  // would tell of the machine and not of the site.
  void start_devices() {
    simulator("portal",
              {"--count", std::to_string(load_.trucks), "--rate", load_.truck_rate, "--scene", "object"}, "0",
              "nuctech");
    simulator("cabinet",
              {"--model", "cabinet", "--scene", "bag", "--count", std::to_string(load_.bags), "--rate",
               load_.bag_rate},
              "0", "astrophysics");
    simulator("panel",
              {"--count", std::to_string(load_.occupancies), "--rate", load_.occupancy_rate, "--log-dir",
               folder_ / "panel-days"},
              "0", "vm250");
    for (const std::string name : {"portal", "cabinet", "panel"})
      ASSERT_TRUE(
          cables_.try_emplace(name, static_cast<uint16_t>(std::stoi(port(name)))).first->second.good());
  }

  // Its files come by themselves: it begins when the site runs.
  void start_gantry() {
    children_.push_back(testing::start_program(
        {GARITA_BIN_DIR "/garita-sim", "leidos", "--json", "--dir", folder_ / "exports", "--radiation-dir",
         folder_ / "spectra", "--count", std::to_string(load_.exports), "--rate", load_.export_rate,
         "--part-ms", "10"},
        folder_ / "gantry.sim", folder_ / "gantry.err"));
  }

  // The example with this machine's addresses instead of those of documentation.
  void write_example() {
    const std::map<std::string, std::string> addresses = {
        {"192.0.2.11:7101", "127.0.0.1:" + cables_.at("portal").port()},
        {"192.0.2.12:1600", "127.0.0.1:" + cables_.at("panel").port()},
        {"192.0.2.31:7301", "127.0.0.1:" + cables_.at("cabinet").port()},
        {"dir:/var/lib/garita/inbox/export-2?", "dir:" + (folder_ / "exports").string() + "?"},
        {"dir:/var/lib/garita/inbox/export-1-days", "dir:" + (folder_ / "panel-days").string()},
        {"dir:/var/lib/garita/inbox/export-2-n42", "dir:" + (folder_ / "spectra").string()},
        {"127.0.0.1:9464", "127.0.0.1:0"}};
    fs::create_directories(folder_ / "exports");
    fs::create_directories(folder_ / "spectra");
    fs::create_directories(folder_ / "panel-days");
    std::string text = testing::text_of(GARITA_SOURCE_DIR "/examples/sites/mexicali.toml");
    for (const auto& [there, here] : addresses) {
      const size_t at = text.find(there);
      ASSERT_NE(at, std::string::npos) << there;
      text.replace(at, there.size(), here);
    }
    std::ofstream(folder_ / "site.toml") << text;
  }

  // One thing after the other, until every device has told all that it has.
  void make_trouble() {
    const std::vector<std::string> names = {"portal", "cabinet", "panel"};
    const auto longest = std::chrono::steady_clock::now() + load_.pause * 300;
    for (size_t round = 0; !all_told() && std::chrono::steady_clock::now() < longest; ++round) {
      std::this_thread::sleep_for(load_.pause);
      if (round % 3 == 0) kill_a_worker(round / 3);
      if (round % 3 == 1) pull(cables_.at(names[round / 3 % names.size()]));
      if (round % 3 == 2) fill_disk(), std::this_thread::sleep_for(700ms), empty_disk();
    }
  }

  void pull(Cable& cable) {
    cable.pull();
    std::this_thread::sleep_for(300ms);
    cable.put_back();
    ++pulled_;
  }

  // By the devices' own word; where a device hears of nothing, by what is there.
  bool all_told() {
    return told("portal", "acknowledged").size() >= load_.trucks &&
           told("cabinet", "acknowledged").size() >= load_.bags &&
           stored_of("days") >= load_.occupancies && stored_of("gantry") >= load_.exports;
  }

  size_t stored_of(const char* device) const {
    size_t n = 0;
    for (const Json& each : lines_of(folder_ / "events"))
      n += each.value("event", "") == "scan" && each["device"] == device && each["fate"] == "stored";
    return n;
  }

  // Numbers of which a device says so.
  Numbers told(const std::string& device, const std::string& event) const {
    Numbers numbers;
    for (const Json& each : lines_of(folder_ / (device + ".sim"))) {
      if (each.value("event", "") != event || each.value("outcome", "") == "not_stored") continue;
      numbers.insert(number_of(each.value("key", each.value("number", ""))));
    }
    return numbers;
  }

  // What the packages of a lane hold of each driver's device; each package verifies.
  std::map<std::string, Counted> stored(const std::string& lane) {
    std::map<std::string, Counted> found;
    for (const auto& entry : fs::directory_iterator(folder_ / "out" / lane)) {
      if (entry.path().extension() != ".garita") continue;
      const auto package = open_package(entry.path());
      if (!package || package::verify(entry.path()).outcome()) {
        ADD_FAILURE() << entry.path() << " does not verify";
        continue;
      }
      count(package->record, found);
    }
    return found;
  }

  static void count(const v1::Inspection& record, std::map<std::string, Counted>& found) {
    const bool whole = record.completeness().state() == v1::Completeness::STATE_COMPLETE;
    const auto take = [&](const std::string& driver, uint64_t number) {
      (whole ? found[driver].whole : found[driver].in_part).insert(number);
    };
    const std::string& leader = record.device().driver_id();
    if (leader != "org.garita.vm250" && leader != "org.garita.n42")
      take(leader, number_of(record.identity().scan_key()));
    for (const v1::Attribute& attribute : record.vendor_attributes())
      if (attribute.key() == "org.garita.vm250.occupancy")
        take("org.garita.vm250", static_cast<uint64_t>(attribute.value().integer()));
    // A file of spectra has no number: the gantry names both by one passage key.
    const bool spectra =
        leader == "org.garita.n42" ||
        std::any_of(record.other_devices().begin(), record.other_devices().end(),
                    [](const v1::Device& each) { return each.driver_id() == "org.garita.n42"; });
    if (spectra) take("org.garita.n42", number_of(record.identity().passage_key()));
  }

  void expect_all(const std::string& lane, const std::string& driver, const Numbers& sent,
                  std::map<std::string, Counted>& stored) {
    const Counted& here = stored[driver];
    Numbers lost, strange;
    std::set_difference(sent.begin(), sent.end(), here.whole.begin(), here.whole.end(),
                        std::inserter(lost, lost.end()));
    std::set_difference(here.whole.begin(), here.whole.end(), sent.begin(), sent.end(),
                        std::inserter(strange, strange.end()));
    std::printf("%-13s %-24s sent %4zu  whole %4zu  cut, kept beside %3zu  lost %zu\n", lane.c_str(),
                driver.c_str(), sent.size(), here.whole.size(), here.in_part.size(), lost.size());
    EXPECT_TRUE(lost.empty()) << lane << ": the first is " << *lost.begin();
    EXPECT_TRUE(strange.empty()) << lane << ": " << *strange.begin() << " was never sent";
  }

  const Load load_;
  std::map<std::string, Cable> cables_;
  size_t pulled_ = 0;
};

TEST_F(Mexicali, loses_no_scan_of_any_vendor_while_cables_drivers_and_the_disk_fail) {
  mount_disk(load_.disk_mib);
  start_devices();
  write_example();
  const auto began = std::chrono::steady_clock::now();
  run_site();
  start_gantry();
  make_trouble();
  EXPECT_TRUE(all_told()) << said();
  EXPECT_EQ(stop_site(), 0) << said();
  std::printf("%.0f s: %zu workers killed, %zu cables pulled, %zu times the disk filled\n",
              std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(),
              workers_killed_, pulled_, disk_filled_);

  auto one = stored("export-1"), two = stored("export-2"), bags = stored("bags-1");
  EXPECT_EQ(told("portal", "acknowledged"), up_to(load_.trucks));
  EXPECT_EQ(told("cabinet", "acknowledged"), up_to(load_.bags));
  EXPECT_EQ(told("gantry", "exported"), up_to(load_.exports));
  expect_all("export-1", "org.garita.nuctech", up_to(load_.trucks), one);
  // Nothing of the panel's live line comes again: what was said into a pulled cable, the panel's own log has.
  const Numbers& live = one["org.garita.vm250"].whole;
  std::printf("export-1      org.garita.vm250         live %4zu of %zu; the panel's log closes the gap\n",
              live.size(), told("panel", "counted").size());
  EXPECT_EQ(told("panel", "counted"), up_to(load_.occupancies));
  EXPECT_GE(live.size() * 2, load_.occupancies);
  auto days = stored("export-1-days");
  expect_all("export-1-days", "org.garita.vm250", up_to(load_.occupancies), days);
  expect_all("export-2", "org.garita.leidos", up_to(load_.exports), two);
  expect_all("export-2", "org.garita.n42", up_to(load_.exports), two);
  expect_all("bags-1", "org.garita.astrophysics", up_to(load_.bags), bags);
  EXPECT_GT(workers_killed_, 0u);
  EXPECT_GT(pulled_, 0u);
}

}  // namespace
}  // namespace garita::host
