// A run whose driver tries to leave: stopped, each attempt told and kept, the driver in quarantine until a
// person releases it.
#include <algorithm>
#include <atomic>
#include <mutex>

#include "core/base/hash_log.hpp"
#include "core/base/testing/temporary_folder.hpp"
#include "core/host/quarantine.hpp"
#include "core/host/scan_run.hpp"
#include "core/isolate/box/reach.hpp"
#include "tests/isolate/workers.hpp"

namespace garita::host {
namespace {

struct Told final : ScanObserver {
  std::mutex mutex;
  std::string text;
  uint32_t troubles = 0;
  void attempted(const isolate::Attempt& attempt) override {
    const std::lock_guard lock(mutex);
    text += attempt.call + " " + attempt.target + "\n";
  }
  void trouble(const base::Error&, bool goes_on) override { troubles += goes_on; }
};

class Breach : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto box = isolate::choose_box({}, std::nullopt);
    if (!box) GTEST_SKIP() << "SKIPPED, not a pass: " << base::render(box.error(), base::Language::en);
    options_.manifest = isolate::testing::manifest_of("examples", "phone_home");
    options_.out = folder_ / "out";
    options_.state = folder_ / "state";
  }
  base::Result<void> run() { return run_scan(options_, stop_, told_, summary_); }
  Quarantine quarantine() const { return Quarantine(options_.state); }

  base::testing::TemporaryFolder folder_;
  ScanOptions options_;
  std::atomic<bool> stop_{false};
  Told told_;
  ScanSummary summary_;
};

TEST_F(Breach, stops_the_run_and_starts_no_worker_again) {
  const auto ran = run();
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().id, "isolate.breach");
  EXPECT_EQ(told_.troubles, 0u);
}

TEST_F(Breach, tells_each_attempt_with_its_target) {
  ASSERT_FALSE(run());
  for (const char* line :
       {"connect 203.0.113.9:443", "sendto 198.51.100.7:9999 6 bytes", "connect unix:/run/upload.sock",
        "DNS telemetry.vendor.example", "openat /etc/passwd", "openat /tmp/cargo.bin",
        "openat /proc/1/environ", "execve /bin/sh", "ptrace process 1", "io_uring_setup"})
    EXPECT_NE(told_.text.find(line), std::string::npos) << line << "\n" << told_.text;
}

TEST_F(Breach, is_kept_in_a_log_whose_lines_vouch_for_each_other) {
  ASSERT_FALSE(run());
  const auto log = base::verify_log(options_.state / "audit" / "audit.log");
  ASSERT_TRUE(log) << base::render(log.error(), base::Language::en);
  EXPECT_GE(log->entries, 10u);
  const auto text = base::read_text_file(options_.state / "audit" / "audit.log", 1u << 20);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("203.0.113.9:443"), std::string::npos);
  EXPECT_NE(text->find(base::to_text(options_.manifest.driver.sha256)), std::string::npos);
}

TEST_F(Breach, puts_the_driver_into_quarantine_where_it_is_not_loaded_again) {
  ASSERT_FALSE(run());
  told_.text.clear();
  const auto again = run();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().id, "host.quarantined");
  EXPECT_EQ(again.error().outcome, base::Outcome::not_loaded);
  EXPECT_EQ(told_.text, "") << "nothing of it ran";
  ASSERT_EQ(quarantine().list().size(), 1u);
  EXPECT_EQ(quarantine().list()[0].driver, "phone_home");
}

TEST_F(Breach, ends_when_a_person_releases_the_driver) {
  ASSERT_FALSE(run());
  ASSERT_TRUE(quarantine().release(options_.manifest.driver.sha256));
  EXPECT_TRUE(quarantine().list().empty());
  EXPECT_EQ(run().error().id, "isolate.breach") << "it runs again, and tries again";
}

TEST_F(Breach, of_another_driver_is_not_this_ones) {
  ASSERT_FALSE(run());
  options_.manifest = isolate::testing::manifest_of("mutants", "mutant_good");
  EXPECT_TRUE(run());
}

// ---- The store

class Store : public ::testing::Test {
 protected:
  base::testing::TemporaryFolder folder_;
  Quarantine quarantine_{folder_.path()};
  base::Digest digest_ = base::sha256("a driver");
};

TEST_F(Store, a_missing_folder_is_an_empty_store) {
  EXPECT_TRUE(quarantine_.list().empty());
  EXPECT_FALSE(quarantine_.find(digest_));
}

TEST_F(Store, an_entry_comes_back_as_it_was_put) {
  ASSERT_TRUE(quarantine_.put(
      {"acme", "Acme", "2.0", digest_, 1700000000'000000000, "p", "NET", "connect", "a\nb\xFF", 7}));
  const auto entry = quarantine_.find(digest_);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->driver, "acme");
  EXPECT_EQ(entry->since_utc_ns, 1700000000'000000000);
  EXPECT_EQ(entry->attempts, 7u);
}

TEST_F(Store, a_damaged_entry_still_holds) {
  ASSERT_TRUE(quarantine_.put({"acme", "Acme", "2.0", digest_, 0, "p", "NET", "connect", "t", 1}));
  std::ofstream(folder_ / "quarantine" / (base::to_text(digest_) + ".json")) << "{\"driver\": 5, ";
  load::Manifest manifest;
  manifest.driver.sha256 = digest_;
  EXPECT_EQ(quarantine_.admit(manifest).error().id, "host.quarantined");
  EXPECT_EQ(quarantine_.list().size(), 1u);
}

TEST_F(Store, what_is_not_in_it_cannot_be_released) {
  EXPECT_EQ(quarantine_.release(digest_).error().id, "host.not_quarantined");
}

}  // namespace
}  // namespace garita::host
