// Lanes of one process: a driver that crashes again and again costs its own lane, and no other lane notices.
#include <atomic>
#include <thread>

#include "core/base/testing/temporary_folder.hpp"
#include "core/host/scan_run.hpp"
#include "tests/isolate/workers.hpp"

namespace garita::host {
namespace {

struct Scans final : ScanObserver {
  std::atomic<uint32_t> whole{0}, cut{0}, troubles{0};
  void recorded(const Recorded& recorded) override { ++(recorded.complete() ? whole : cut); }
  void trouble(const base::Error&, bool) override { ++troubles; }
};

class Lanes : public ::testing::Test {
 protected:
  base::Result<void> run(const std::string& mutant, const std::string& out, Scans& scans, ScanSummary& summary) {
    ScanOptions options;
    options.manifest = isolate::testing::manifest_of("deadly", "mutant_" + mutant);
    options.out = folder_ / out;
    options.state = folder_ / "state";  // one site
    options.max_restarts = 4;
    return run_scan(options, stop_, scans, summary);
  }

  base::testing::TemporaryFolder folder_;
  std::atomic<bool> stop_{false};
};

TEST_F(Lanes, a_driver_that_crashes_in_a_loop_costs_no_scan_of_the_other_lane) {
  Scans crashing, other;
  ScanSummary crashed, all;
  std::atomic<bool> over{false};
  std::thread bad([&] {
    const auto ran = run("segv_in_next", "bad", crashing, crashed);
    EXPECT_EQ(ran ? "" : ran.error().id, "isolate.gave_up");
    over = true;
  });
  uint32_t runs = 0;
  do {  // each takes about as long as a restart
    ScanSummary summary;
    EXPECT_TRUE(run("slow_in_next", "good" + std::to_string(runs++), other, summary));
    all.restarts += summary.restarts;
  } while (!over);
  bad.join();
  EXPECT_EQ(crashing.troubles, 5u);
  EXPECT_EQ(crashed.restarts, 4u);
  EXPECT_EQ(crashing.whole, 0u);
  EXPECT_EQ(other.whole, runs);
  EXPECT_EQ(other.cut + other.troubles + all.restarts, 0u);
  EXPECT_GE(runs, 2u);
}

TEST_F(Lanes, a_lane_that_waits_to_start_again_stops_at_once) {
  Scans scans;
  ScanSummary summary;
  std::thread stopper([&] {
    while (scans.troubles == 0) std::this_thread::yield();
    stop_ = true;
  });
  EXPECT_TRUE(run("segv_in_next", "bad", scans, summary));
  stopper.join();
  EXPECT_LE(summary.restarts, 2u);
}

}  // namespace
}  // namespace garita::host
