#include "core/base/testing/faulty_files.hpp"
#include "tests/catalog/fixture.hpp"

namespace garita::catalog {
namespace {

using namespace testing;

class RetentionTest : public CatalogTest {
 protected:
  // Packages "old", ten days old, and "new", of today.
  void SetUp() override {
    CatalogTest::SetUp();
    package("new", truck("MSKU1234565", "B2", march));
    old_ = package("old", truck("CSQU3054383", "A1", march - 10 * ns_a_day));
    auto to = writer();
    ASSERT_TRUE(reconcile(to, packages_, {}).ok());
  }
  RetentionPolicy policy(const std::string& toml) {
    auto parsed = parse_policy(toml, "policy.toml");
    EXPECT_TRUE(parsed.ok());
    return parsed ? *parsed : RetentionPolicy{};
  }
  RetentionPlan plan(const std::string& toml) {
    auto from = reader();
    auto made = plan_retention(from, policy(toml), march + 1);
    EXPECT_TRUE(made.ok());
    return *made;
  }
  base::Result<RetentionReport> apply(const RetentionPlan& plan,
                                      base::FileSystem& files = base::real_file_system()) {
    auto to = writer();
    const auto journal = [&](std::string_view kind, std::string_view line) -> base::Result<void> {
      log_.push_back(std::string(kind) + ' ' + std::string(line));
      return journal_;
    };
    return apply_retention(to, plan, {}, journal, files);
  }
  Names planned(const std::string& toml) {
    Names found;
    for (const Removal& each : plan(toml).removals) found.push_back(each.entry.path.stem());
    return found;
  }

  fs::path old_;
  std::vector<std::string> log_;
  base::Result<void> journal_;
};

TEST_F(RetentionTest, what_is_older_than_its_class_may_be_has_to_go) {
  EXPECT_EQ(planned("[days]\nroutine = 9"), Names{"old"});
  EXPECT_EQ(planned("[days]\nroutine = 11"), Names{});
  EXPECT_EQ(planned("[days]\nalarm = 1"), Names{});
  EXPECT_EQ(planned(""), Names{});
}

TEST_F(RetentionTest, file_and_row_go_and_the_log_said_so_before) {
  const auto report = apply(plan("[days]\nroutine = 9"));
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->removed, 1u);
  EXPECT_FALSE(fs::exists(old_));
  EXPECT_EQ(names({}), Names{"new"});
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_TRUE(log_[0].starts_with("retention.removing "));
  EXPECT_NE(log_[0].find(old_.string()), std::string::npos);
}

TEST_F(RetentionTest, a_log_that_takes_nothing_saves_the_files) {
  journal_ = base::Error{base::Outcome::not_loaded, "base.disk_full", {}};
  EXPECT_FALSE(apply(plan("[days]\nroutine = 9")).ok());
  EXPECT_TRUE(fs::exists(old_));
}

TEST_F(RetentionTest, a_removal_that_was_cut_short_is_finished_by_the_next) {
  base::testing::FaultyFileSystem files;
  files.fail({.call = base::testing::FileCall::remove, .at = 2});  // the addenda, after the package is gone
  ASSERT_TRUE(decide(old_, v1::Decision::VERDICT_RELEASE).ok());
  EXPECT_FALSE(apply(plan("[days]\nroutine = 9"), files).ok());
  EXPECT_FALSE(fs::exists(old_));
  EXPECT_EQ(count(), 2u);
  const auto report = apply(RetentionPlan{});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->finished, 1u);
  EXPECT_FALSE(fs::exists(package::addenda_path(old_)));
  EXPECT_EQ(names({}), Names{"new"});
}

TEST_F(RetentionTest, what_an_officer_holds_stays) {
  ASSERT_TRUE(decide(old_, v1::Decision::VERDICT_HOLD).ok());
  auto to = writer();
  ASSERT_TRUE(reconcile(to, packages_, {}).ok());
  const RetentionPlan made = plan("[days]\nroutine = 9");
  EXPECT_TRUE(made.removals.empty());
  EXPECT_EQ(made.on_hold, 1u);
}

TEST_F(RetentionTest, a_hold_that_came_after_the_plan_stays_too) {
  const RetentionPlan made = plan("[days]\nroutine = 9");
  ASSERT_TRUE(decide(old_, v1::Decision::VERDICT_HOLD).ok());  // the catalog does not know of it
  const auto report = apply(made);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->spared, 1u);
  EXPECT_TRUE(fs::exists(old_));
  EXPECT_EQ(apply(RetentionPlan{})->finished, 0u);
}

TEST_F(RetentionTest, addenda_that_do_not_hold_are_no_reason_to_remove) {
  std::ofstream(package::addenda_path(old_)) << "torn pages\n";
  EXPECT_EQ(apply(plan("[days]\nroutine = 9"))->spared, 1u);
  EXPECT_TRUE(fs::exists(old_));
}

TEST_F(RetentionTest, a_legal_hold_stands_above_age_and_size) {
  const std::string hold = "[[legal_hold]]\nreason = \"FED/1\"\ncontainer = \"csqu 3054383\"\n";
  EXPECT_EQ(planned(hold + "[days]\nroutine = 9"), Names{});
  EXPECT_EQ(planned("[[legal_hold]]\nreason = \"FED/1\"\ncontainer = \"MSKU1234565\"\n[days]\nroutine = 9"),
            Names{"old"});
}

TEST_F(RetentionTest, size_takes_the_oldest_of_the_lowest_class) {
  auto to = writer();
  Entry big = row("big", truck("C1", "P1", march - ns_a_day), 900'000'000), alarmed = big;
  alarmed.path = packages_ / "alarmed.garita";
  alarmed.root = base::sha256("alarmed");
  alarmed.utc_ns = march - 5 * ns_a_day;
  alarmed.alarms = alarm_gamma;
  ASSERT_TRUE(to.add(big).ok());
  ASSERT_TRUE(to.add(alarmed).ok());
  EXPECT_EQ(planned("max_gb = 1"), (Names{"old", "big"}));
  EXPECT_EQ(planned("max_gb = 2"), Names{});
}

TEST_F(RetentionTest, a_policy_that_is_not_understood_removes_nothing_and_names_its_line) {
  for (const char* bad :
       {"max_gb = 0", "max_gb = \"1\"", "days = 3", "[days]\nrutine = 3", "[days]\nroutine = -1",
        "[[legal_hold]]\ncontainer = \"A\"", "[[legal_hold]]\nreason = \"x\"",
        "[[legal_hold]]\nreason = \"x\"\ncontaner = \"A\"", "[[legal_hold]]\nreason = \"x\"\nfrom = \"may\"",
        "typo = 1", "[days"}) {
    const auto parsed = parse_policy(bad, "policy.toml");
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.error().id, "catalog.policy") << bad;
    EXPECT_NE(parsed.error().field("line"), "") << bad;
  }
}

TEST_F(RetentionTest, the_class_of_a_package_is_the_highest_that_holds) {
  Entry entry;
  EXPECT_EQ(class_of(entry), RetentionClass::routine);
  entry.incomplete = true;
  EXPECT_EQ(class_of(entry), RetentionClass::incomplete);
  entry.categories.machine = 1u << v1::CATEGORY_CASH;
  EXPECT_EQ(class_of(entry), RetentionClass::detection);
  entry.alarms = alarm_gamma;
  EXPECT_EQ(class_of(entry), RetentionClass::alarm);
  entry.found = true;
  EXPECT_EQ(class_of(entry), RetentionClass::finding);
}

}  // namespace
}  // namespace garita::catalog
