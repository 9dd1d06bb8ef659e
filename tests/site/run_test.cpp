// `garita run` over simulated portals: lanes run beside each other, change without losing a scan, and end in
// good order.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/site/portal_package.hpp"
#include "tests/site/site_fixture.hpp"

namespace garita::host {
namespace {

using testing::Json;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

class SiteRun : public testing::RunningSite {
 protected:
  using Words = std::vector<std::string>;
  const Words quick = {"--interval-ms", "200"}, slow = {"--lines-per-s", "1500"};
  fs::path package(const std::string& version) { return testing::portal_package(folder_.path(), version); }
  int driver(Words words) {
    words.insert(words.begin(), {GARITA_BIN_DIR "/garita", "driver"});
    words.insert(words.end(), {"--state", folder_ / "state"});
    return testing::wait_for(testing::start_program(words, folder_ / "driver.out", folder_ / "driver.err"));
  }
  // Whether some portal of that version runs.
  bool runs(const std::string& version) const {
    std::string last;
    for (const Json& each : lines_of(folder_ / "events"))
      if (each["event"] == "state" && each["state"] == "running") last = each["version"];
    return last == version;
  }
};

TEST_F(SiteRun, lanes_run_beside_each_other_and_their_records_say_where) {
  simulator("north", {"--count", "2"});
  simulator("south", {"--count", "2"});
  write_site(lane("north") + lane("south"));
  run_site();
  ASSERT_TRUE(wait_until([&] { return scans("stored", "north") == 2 && scans("stored", "south") == 2; }))
      << said();
  EXPECT_EQ(stop_site(), 0);
  for (const auto& entry : fs::directory_iterator(folder_ / "out/north")) {
    const auto package = open_package(entry.path());
    ASSERT_TRUE(package.ok());
    EXPECT_EQ(package->record.identity().lane(), "north");
    EXPECT_EQ(package->record.identity().direction(), v1::Identity::DIRECTION_ENTERING);
    EXPECT_EQ(package->record.identity().subject(), v1::Identity::SUBJECT_CONVEYANCE)
        << "the driver knows better";
    EXPECT_EQ(package->record.site().aduana(), "19");
  }
}

TEST_F(SiteRun, stopped_in_the_middle_of_a_scan_lets_it_end) {
  simulator("north", slow);
  write_site(lane("north"));
  run_site();
  ASSERT_TRUE(wait_until([&] { return count("state", "state", "running") == 1; })) << said();
  std::this_thread::sleep_for(500ms);
  EXPECT_EQ(stop_site(), 0);
  EXPECT_EQ(scans("incomplete"), 0u) << said();
  EXPECT_EQ(summary("north")["state"], "stopped");
}

TEST_F(SiteRun, stopped_without_grace_publishes_the_scan_under_way_as_incomplete) {
  simulator("north", {"--lines-per-s", "300"});
  write_site(lane("north"));
  run_site({"--grace-s", "0"});
  ASSERT_TRUE(wait_until([&] {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_ / "out/north", error))
      if (entry.path().extension() == ".partial") return true;
    return false;
  })) << said();
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(stop_site(), 0);
  EXPECT_EQ(scans("incomplete"), 1u) << said();
}

TEST_F(SiteRun, a_changed_lane_is_opened_anew_between_scans_and_no_other_is_touched) {
  simulator("north", slow);
  simulator("south", quick);
  write_site(lane("north") + lane("south"));
  run_site();
  ASSERT_TRUE(wait_until([&] {
    return count("state", "state", "running") == 2 && scans("stored", "south") >= 1;
  })) << said();
  write_site(lane("north", "config = { silence_ms = 9000 }\n") + lane("south"));
  ASSERT_TRUE(wait_until([&] { return count("reload") == 1 && count("state", "state", "running") == 3; }))
      << said();
  EXPECT_EQ(stop_site(), 0);
  EXPECT_EQ(scans("incomplete"), 0u) << said();
  EXPECT_EQ(summary("north")["openings"], 2);
  EXPECT_EQ(summary("south")["openings"], 1);
}

TEST_F(SiteRun, a_lane_that_is_taken_out_ends_and_one_that_is_added_begins) {
  simulator("north", quick);
  simulator("south", quick);
  write_site(lane("north"));
  run_site();
  ASSERT_TRUE(wait_until([&] { return scans("stored", "north") >= 1; })) << said();
  write_site(lane("south"));
  ASSERT_TRUE(wait_until([&] { return scans("stored", "south") >= 1; })) << said();
  const size_t before = acknowledged("north").size();
  std::this_thread::sleep_for(600ms);
  EXPECT_LE(acknowledged("north").size(), before + 1);
  EXPECT_EQ(stop_site(), 0);
  EXPECT_TRUE(summary("north").is_null());
}

TEST_F(SiteRun, a_configuration_with_mistakes_leaves_the_site_as_it_was) {
  simulator("north", quick);
  write_site(lane("north"));
  run_site();
  ASSERT_TRUE(wait_until([&] { return scans("stored") >= 1; })) << said();
  write_site("[lanes.north]\nsubject = \"whale\"\n");
  ASSERT_TRUE(wait_until([&] { return count("reload") == 1; })) << said();
  const size_t before = scans("stored");
  EXPECT_TRUE(wait_until([&] { return scans("stored") > before; })) << said();
  EXPECT_EQ(stop_site(), 0);
  EXPECT_EQ(summary("north")["openings"], 1);
}

TEST_F(SiteRun, a_driver_is_updated_and_rolled_back_under_way_without_losing_a_scan) {
  simulator("north", {"--interval-ms", "50"});
  write_site(lane("north"));
  run_site();
  ASSERT_TRUE(wait_until([&] { return runs("1.0.0") && scans("stored") >= 1; })) << said();
  ASSERT_EQ(driver({"install", package("1.0.1")}), 0) << testing::text_of(folder_ / "driver.err");
  ASSERT_TRUE(wait_until([&] { return runs("1.0.1"); })) << said();
  ASSERT_EQ(driver({"update", package("1.0.2")}), 0);
  ASSERT_TRUE(wait_until([&] { return runs("1.0.2"); })) << said();
  ASSERT_EQ(driver({"rollback", "portal"}), 0);
  ASSERT_TRUE(wait_until([&] { return runs("1.0.1"); })) << said();
  const size_t before = scans("stored");
  ASSERT_TRUE(wait_until([&] { return scans("stored") > before; })) << said();
  EXPECT_EQ(stop_site(), 0);
  EXPECT_EQ(scans("incomplete"), 0u) << said();
  const auto stored = packages("north");
  for (const std::string& key : acknowledged("north")) EXPECT_TRUE(stored.contains(key)) << key;
  EXPECT_EQ(stored.size(), scans("stored"));
}

TEST_F(SiteRun, two_hosts_of_one_state_folder_are_one_too_many) {
  simulator("north", quick);
  write_site(lane("north"));
  run_site();
  ASSERT_TRUE(wait_until([&] { return count("state", "state", "running") == 1; })) << said();
  const size_t first = host_;
  const std::string second = folder_ / "second";
  const pid_t other = testing::start_program(
      {GARITA_BIN_DIR "/garita", "run", folder_ / "site.toml", "--state", folder_ / "state"}, second,
      second + ".err");
  EXPECT_EQ(testing::wait_for(other), 2);
  EXPECT_NE(testing::text_of(second + ".err").find("Another"), std::string::npos);
  host_ = first;
  EXPECT_EQ(stop_site(), 0);
}

TEST_F(SiteRun, the_service_manager_is_told_when_it_is_ready_and_when_it_stops) {
  const std::string name = folder_ / "notify";
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  simulator("north", quick);
  write_site(lane("north"));
  run_site();
  ::unsetenv("NOTIFY_SOCKET");
  ASSERT_TRUE(wait_until([&] { return count("state", "state", "running") == 1; })) << said();
  EXPECT_EQ(stop_site(), 0);
  std::string heard;
  char message[512];
  for (ssize_t n; (n = ::recv(socket, message, sizeof message, MSG_DONTWAIT)) > 0;)
    heard += std::string(message, static_cast<size_t>(n)) + '|';
  ::close(socket);
  EXPECT_TRUE(heard.starts_with("READY=1")) << heard;
  EXPECT_NE(heard.find("|STOPPING=1"), std::string::npos) << heard;
}

}  // namespace
}  // namespace garita::host
