// A run whose driver dies: the scan under way is published as INCOMPLETE, a new worker is started, and one
// that always dies is given up on.
#include <atomic>

#include "core/base/testing/temporary_folder.hpp"
#include "core/host/scan_run.hpp"
#include "core/isolate/box/reach.hpp"
#include "core/package/verify.hpp"
#include "tests/isolate/workers.hpp"

namespace garita::host {
namespace {

struct Seen final : ScanObserver {
  std::vector<Recorded> scans;
  std::vector<std::string> troubles;
  void recorded(const Recorded& recorded) override { scans.push_back(recorded); }
  void trouble(const base::Error& error, bool goes_on) override {
    troubles.push_back(goes_on ? error.id : "end");
  }
};

class Run : public ::testing::Test {
 protected:
  base::Result<void> run(const std::string& folder, const std::string& name) {
    options_.manifest = isolate::testing::manifest_of(folder, name);
    options_.out = folder_ / "out";
    options_.state = folder_ / "state";
    return run_scan(options_, stop_, seen_, summary_);
  }

  base::testing::TemporaryFolder folder_;
  ScanOptions options_;
  std::atomic<bool> stop_{false};
  Seen seen_;
  ScanSummary summary_;
};

TEST_F(Run, a_driver_that_always_dies_is_started_again_and_then_given_up) {
  options_.max_restarts = 2;
  const auto ran = run("deadly", "mutant_segv_in_next");
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().id, "isolate.gave_up");
  EXPECT_EQ(ran.error().field("restarts"), "2");
  EXPECT_EQ(seen_.troubles, std::vector<std::string>(3, "isolate.crashed"));
}

TEST_F(Run, a_driver_that_dies_in_its_very_first_open_is_started_again_too) {
  options_.max_restarts = 1;
  const auto ran = run("deadly", "mutant_segv_in_open");
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().id, "isolate.gave_up");
  EXPECT_EQ(seen_.troubles, std::vector<std::string>(2, "isolate.crashed"));
  EXPECT_EQ(summary_.restarts, 1u);
}

TEST_F(Run, a_driver_that_refuses_its_first_open_is_said_at_once) {
  const auto ran = run("mutants", "mutant_open_throws");
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().id, "load.exception");
  EXPECT_TRUE(seen_.troubles.empty());
}

TEST_F(Run, what_was_delivered_before_the_crash_is_kept_as_incomplete) {
  options_.max_restarts = 0;
  ASSERT_FALSE(run("deadly", "mutant_segv_in_next"));
  ASSERT_EQ(seen_.scans.size(), 1u);
  EXPECT_FALSE(seen_.scans[0].complete());
  EXPECT_NE(seen_.scans[0].record.completeness().reason().find("SIGSEGV"), std::string::npos);
  EXPECT_EQ(package::verify(seen_.scans[0].path).outcome(), std::nullopt);
}

TEST_F(Run, records_name_the_best_box_that_the_machine_gives) {
  const auto best = isolate::choose_box({}, std::nullopt, isolate::Box::B0);
  options_.box = *best;
  ASSERT_TRUE(run("mutants", "mutant_good"));
  ASSERT_EQ(seen_.scans.size(), 1u);
  EXPECT_TRUE(seen_.scans[0].complete());
  EXPECT_NE(seen_.scans[0].record.DebugString().find(isolate::name_of(*best)), std::string::npos);
}

TEST_F(Run, records_name_a_box_that_was_asked_for) {
  options_.box = isolate::Box::B0;
  ASSERT_TRUE(run("mutants", "mutant_good"));
  EXPECT_NE(seen_.scans.at(0).record.DebugString().find("\"B0\""), std::string::npos);
}

TEST_F(Run, in_process_is_asked_for_and_has_no_box) {
  options_.in_process_unsafe = true;
  ASSERT_TRUE(run("mutants", "mutant_good"));
  EXPECT_EQ(seen_.scans.at(0).record.DebugString().find("\"B0\""), std::string::npos);
}

}  // namespace
}  // namespace garita::host
