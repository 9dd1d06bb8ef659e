// A driver that is killed in mid-scan, over a simulated portal: said in a sentence, its scan kept as far as it is good, and
// the lane goes on.
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include "core/base/testing/temporary_folder.hpp"
#include "core/host/open_package.hpp"
#include "core/package/verify.hpp"
#include "tests/host/programs.hpp"

namespace garita::host {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class KilledWorker : public ::testing::Test {
 protected:
  ~KilledWorker() override {
    for (const pid_t child : {simulator_, host_}) {
      if (child <= 0) continue;
      ::kill(child, SIGKILL);
      (void)testing::wait_for(child);
    }
  }

  // Nothing where it does not come true for long.
  template <typename Condition>
  bool wait_until(Condition condition) {
    for (int i = 0; i < 3000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  // A portal that scans slowly enough to be interrupted, and a host that wants `scans` of it.
  void start(int scans) {
    simulator_ = testing::start_program({GARITA_BIN_DIR "/garita-sim", "portal", "--listen", "127.0.0.1:0", "--port-file",
                                         folder_ / "port", "--lines-per-s", "1500", "--pitch-along-um", "10000"},
                                        folder_ / "sim.out", folder_ / "sim.err");
    ASSERT_TRUE(wait_until([&] { return testing::text_of(folder_ / "port").ends_with('\n'); }));
    std::string port = testing::text_of(folder_ / "port");
    port.pop_back();
    host_ = testing::start_program({GARITA_BIN_DIR "/garita", "scan", "--driver", "portal", "--source", "scanner=tcp://127.0.0.1:" + port,
                                    "--out", folder_ / "out", "--state", folder_ / "state", "--count", std::to_string(scans), "--json"},
                                   folder_ / "out.json", folder_ / "said");
  }

  // Bytes of the scan under way on the disk.
  uint64_t written() const {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_ / "out", error))
      if (entry.path().extension() == ".partial") return fs::file_size(entry.path(), error);
    return 0;
  }

  std::vector<nlohmann::json> events() const {
    std::vector<nlohmann::json> events;
    std::istringstream lines(testing::text_of(folder_ / "out.json"));
    for (std::string line; std::getline(lines, line);) events.push_back(nlohmann::json::parse(line));
    return events;
  }

  // Strips of both energies come one after the other: a row is good when it has both.
  bool grows() const {
    const uint64_t before = written();
    std::this_thread::sleep_for(60ms);
    return written() != before;
  }

  base::testing::TemporaryFolder folder_;
  pid_t simulator_ = -1, host_ = -1;
};

TEST_F(KilledWorker, costs_the_scan_under_way_alone_which_is_kept_to_its_last_good_row) {
  start(2);
  ASSERT_TRUE(wait_until([&] { return written() > 200'000 && !grows(); })) << testing::text_of(folder_ / "said");
  const auto workers = testing::workers_of(host_);
  ASSERT_EQ(workers.size(), 1u);
  ASSERT_EQ(::kill(workers[0], SIGKILL), 0);
  EXPECT_EQ(testing::wait_for(std::exchange(host_, -1)), 4);

  const std::string said = testing::text_of(folder_ / "said");
  const size_t death = said.find("SIGKILL");
  ASSERT_NE(death, said.npos) << said;
  EXPECT_EQ(said.find("SIGKILL", death + 1), said.npos) << said;
  EXPECT_NE(said.substr(said.rfind('\n', death) + 1, death).find("portal"), said.npos) << said;

  const auto told = events();
  ASSERT_EQ(told.size(), 3u) << testing::text_of(folder_ / "out.json") << said;
  EXPECT_EQ(told[0]["fate"], "incomplete");
  EXPECT_EQ(told[1]["fate"], "stored");
  const auto cut = open_package(told[0]["package"].get<std::string>()), whole = open_package(told[1]["package"].get<std::string>());
  ASSERT_TRUE(cut && whole);
  EXPECT_EQ(cut->record.completeness().state(), v1::Completeness::STATE_INCOMPLETE);
  ASSERT_EQ(cut->record.completeness().views_size(), cut->record.views_size());
  const int64_t last = cut->record.completeness().views(0).last_good_row();
  EXPECT_GT(last, 0);
  EXPECT_LT(last, static_cast<int64_t>(cut->record.views(0).rows()));
  EXPECT_EQ(package::verify(told[0]["package"].get<std::string>()).outcome(), std::nullopt);
  EXPECT_EQ(whole->record.completeness().state(), v1::Completeness::STATE_COMPLETE);
  EXPECT_EQ(package::verify(told[1]["package"].get<std::string>()).outcome(), std::nullopt);
}

}  // namespace
}  // namespace garita::host
