// A scanner and a radiation panel of one lane, as the real programs: one vehicle, one inspection.
#include "tests/site/site_fixture.hpp"

namespace garita::host {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class Lane : public testing::RunningSite {
 protected:
  std::string panel_of(const std::string& lane) const {
    return "[lanes." + lane +
           ".devices.panel]\ndriver = \"vm250\"\nsources = { panel = \"tcp://127.0.0.1:" + port("panel") +
           "\" }\n";
  }

  static std::string pairing(const std::string& lane, int window_ms, int wait_ms) {
    return "[lanes." + lane + ".pairing]\nwindow_ms = " + std::to_string(window_ms) +
           "\nwait_ms = " + std::to_string(wait_ms) + "\n";
  }

  std::vector<v1::Inspection> records() const {
    std::vector<v1::Inspection> found;
    for (const auto& entry : fs::directory_iterator(folder_ / "out/north"))
      if (entry.path().extension() == ".garita")
        if (auto package = open_package(entry.path())) found.push_back(std::move(package->record));
    return found;
  }
};

TEST_F(Lane, a_vehicle_that_both_devices_saw_is_one_inspection_that_says_why) {
  simulator("north", {"--count", "1", "--lines-per-s", "1500"});
  simulator("panel", {"--count", "1"}, "0", "vm250");
  write_site(lane("north") + panel_of("north") + pairing("north", 60'000, 60'000));
  run_site();
  ASSERT_TRUE(wait_until([&] { return scans("joined") == 1; })) << said();
  EXPECT_EQ(stop_site(), 0);
  const auto all = records();
  ASSERT_EQ(all.size(), 1u) << said();
  EXPECT_EQ(all[0].identity().pairing(), v1::Identity::PAIRING_LEADS);
  EXPECT_GT(all[0].views_size(), 0);
  ASSERT_EQ(all[0].joined_size(), 1);
  EXPECT_EQ(all[0].other_devices(0).driver_id(), "org.garita.vm250");
  EXPECT_NE(all[0].joined(0).reason(), v1::Joined::REASON_UNSPECIFIED);
  ASSERT_GT(all[0].readings_size(), 0);
  EXPECT_EQ(all[0].readings(0).device_index(), 1u);
  EXPECT_FALSE(packages("north").empty());  // and it verifies
}

TEST_F(Lane, a_vehicle_that_one_device_saw_alone_is_visible_by_itself) {
  simulator("north", {"--count", "1", "--lines-per-s", "1"});  // it never ends
  simulator("panel", {"--count", "1"}, "0", "vm250");
  write_site(lane("north") + panel_of("north") + pairing("north", 100, 100));
  run_site();
  ASSERT_TRUE(wait_until([&] {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_ / "out/north", error))
      if (entry.path().extension() == ".garita") return true;
    return false;
  })) << said();
  ::kill(children_[host_], SIGKILL);
  (void)testing::wait_for(std::exchange(children_[host_], -1));
  const auto all = records();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].identity().pairing(), v1::Identity::PAIRING_ALONE);
  EXPECT_GT(all[0].readings_size(), 0);
}

TEST_F(Lane, what_waited_when_the_host_was_killed_is_there_after_it_was_started_again) {
  simulator("north", {"--count", "1", "--lines-per-s", "1"});
  simulator("panel", {"--count", "1"}, "0", "vm250");
  write_site(lane("north") + panel_of("north") + pairing("north", 60'000, 600'000));
  run_site();
  const auto waits = [&] {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_ / "out/north/.waiting", error))
      if (entry.path().extension() == ".garita") return true;
    return false;
  };
  ASSERT_TRUE(wait_until(waits)) << said();
  ::kill(children_[host_], SIGKILL);
  (void)testing::wait_for(std::exchange(children_[host_], -1));
  run_site({"--grace-s", "0"});
  ASSERT_TRUE(wait_until([&] { return count("state", "state", "running") >= 1; })) << said();
  EXPECT_EQ(stop_site(), 0);  // alone now, or with the scan that this cut
  EXPECT_FALSE(waits());
  size_t with_readings = 0;
  for (const v1::Inspection& record : records()) with_readings += record.readings_size() > 0;
  EXPECT_EQ(with_readings, 1u);
}

}  // namespace
}  // namespace garita::host
