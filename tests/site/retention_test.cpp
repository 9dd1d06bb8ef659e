// [policy.retention] of site.toml: what it means in the catalog's classes, and that a running site applies
// it.
#include <gtest/gtest.h>

#include "core/base/clock.hpp"
#include "core/host/catalog_index.hpp"
#include "core/host/site/retention_run.hpp"
#include "tests/site/site_fixture.hpp"

namespace garita::host {
namespace {

namespace fs = std::filesystem;
using catalog::RetentionClass;
using testing::Json;

std::optional<uint32_t> days_of(const RetentionPlan& plan, RetentionClass of) {
  const auto policy = retention_policy(plan);
  return policy ? policy->days[static_cast<size_t>(of)] : std::nullopt;
}

TEST(RetentionPlan, that_says_nothing_keeps_everything) { EXPECT_FALSE(retention_policy({}).has_value()); }

TEST(RetentionPlan, keeps_what_has_an_alarm_as_long_at_least_and_what_was_found_for_ever) {
  const RetentionPlan plan{.days = 365, .alarm_days = 30};
  EXPECT_EQ(days_of(plan, RetentionClass::routine), 365u);
  EXPECT_EQ(days_of(plan, RetentionClass::incomplete), 365u);
  EXPECT_EQ(days_of(plan, RetentionClass::alarm), 365u);
  EXPECT_EQ(days_of(plan, RetentionClass::finding), std::nullopt);
}

TEST(RetentionPlan, without_alarm_days_keeps_alarms_for_ever) {
  EXPECT_EQ(days_of({.days = 5}, RetentionClass::alarm), std::nullopt);
  EXPECT_EQ(days_of({.days = 5}, RetentionClass::detection), std::nullopt);
}

TEST(RetentionPlan, counts_gigabytes_in_decimal) {
  EXPECT_EQ(retention_policy({.max_gb = 2})->max_bytes, 2'000'000'000u);
}

TEST(RetainNow, without_a_catalog_has_nothing_to_remove) {
  const base::testing::TemporaryFolder folder;
  const auto retained = retain_now(folder.path(), *retention_policy({.days = 1}), 0);
  ASSERT_TRUE(retained.ok());
  EXPECT_EQ(retained->removed, 0u);
}

class SiteRetention : public testing::RunningSite {
 protected:
  // The site as it writes itself, with a policy before its lanes.
  void write_with_retention(const std::string& days) {
    write_site("[policy.retention]\ndays = " + days + "\nalarm_days = " + days + "\n" + lane("north"));
  }

  // The catalog's word of the one package there is, moved into the past.
  void age(int64_t days) {
    std::vector<catalog::Entry> entries;
    ASSERT_TRUE(wait_until([&] {
      auto reader = catalog::Reader::open(catalog_path(folder_ / "state"));
      if (!reader) return false;
      (void)reader->each([&](const catalog::Entry& entry) { return entries.push_back(entry), true; });
      return !entries.empty();
    }));
    auto writer = catalog::Writer::open(catalog_path(folder_ / "state"));
    ASSERT_TRUE(writer.ok());
    for (catalog::Entry& entry : entries) {
      ASSERT_TRUE(writer->remove(entry.root).ok());
      entry.utc_ns -= days * 86'400'000'000'000;
      ASSERT_TRUE(writer->add(entry).ok());
    }
  }

  size_t files() const {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder_ / "out/north"))
      count += entry.path().extension() == ".garita";
    return count;
  }
};

TEST_F(SiteRetention, removes_what_is_too_old_when_the_site_starts_and_says_so_in_its_log) {
  simulator("north", {"--count", "1"});
  write_with_retention("30");
  run_site();
  ASSERT_TRUE(wait_until([&] { return scans("stored") == 1; })) << said();
  EXPECT_EQ(stop_site(), 0);
  EXPECT_EQ(count("retention"), 0u) << said();
  ASSERT_NO_FATAL_FAILURE(age(31));
  ASSERT_EQ(files(), 1u);
  run_site();
  ASSERT_TRUE(wait_until([&] { return count("retention") == 1; })) << said();
  EXPECT_EQ(stop_site(), 0);
  EXPECT_EQ(files(), 0u);
  EXPECT_NE(testing::text_of(folder_ / "state/audit/audit.log").find("retention.removing"),
            std::string::npos);
}

TEST_F(SiteRetention, that_changes_is_applied_at_once_and_opens_no_device_anew) {
  simulator("north", {"--count", "1"});
  write_with_retention("30");
  run_site();
  ASSERT_TRUE(wait_until([&] { return scans("stored") == 1; })) << said();
  ASSERT_NO_FATAL_FAILURE(age(10));
  write_with_retention("9");
  ASSERT_TRUE(wait_until([&] { return count("retention") == 1; })) << said();
  EXPECT_EQ(stop_site(), 0);
  EXPECT_EQ(files(), 0u);
  for (const Json& each : lines_of(folder_ / "events"))
    if (each.value("event", "") == "reload") {
      EXPECT_TRUE(each["changed"].empty()) << each;
    }
}

}  // namespace
}  // namespace garita::host
