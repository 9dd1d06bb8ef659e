#include "tests/catalog/fixture.hpp"

namespace garita::catalog {
namespace {

using namespace testing;

class RebuildTest : public CatalogTest {
 protected:
  void SetUp() override {
    CatalogTest::SetUp();
    package("one", truck("CSQU3054383", "A1"));
    package("two", truck("MSKU1234565", "B2", march + ns_a_day));
  }
  ReconcileReport reconciled(const ReconcileOptions& options = {}) {
    auto to = writer();
    auto report = reconcile(to, packages_, {}, options);
    EXPECT_TRUE(report.ok());
    return *report;
  }
  void lose_database() {
    for (const char* end : {"", "-wal", "-shm"}) fs::remove(database_.string() + end);
  }
};

TEST_F(RebuildTest, what_the_folder_holds_is_added_once) {
  EXPECT_EQ(reconciled().added, 2u);
  EXPECT_EQ(reconciled().added, 0u);
  EXPECT_EQ(names({}), (Names{"two", "one"}));
}

TEST_F(RebuildTest, a_deleted_catalog_is_made_anew_from_the_folders_that_it_knew) {
  reconciled();
  lose_database();
  auto to = writer();
  ASSERT_TRUE(to.created());
  ASSERT_EQ(known_folders(database_), std::vector<fs::path>{packages_});
  ASSERT_TRUE(reconcile(to, known_folders(database_).front(), {}).ok());
  EXPECT_EQ(names({}), (Names{"two", "one"}));
}

TEST_F(RebuildTest, rows_that_a_power_cut_took_are_put_back) {
  reconciled();
  const base::Digest root = reader().find({}, 1)->entries.at(0).root;
  ASSERT_TRUE(writer().remove(root).ok());
  EXPECT_EQ(reconciled().added, 1u);
  EXPECT_EQ(count(), 2u);
}

TEST_F(RebuildTest, what_is_no_package_is_named_and_the_others_are_added) {
  std::ofstream(packages_ / "three.garita") << "not a package";
  std::ofstream(packages_ / "four.garita.partial") << "not ended";
  const ReconcileReport report = reconciled();
  EXPECT_EQ(report.files, 3u);
  EXPECT_EQ(report.added, 2u);
  EXPECT_EQ(report.refused, 1u);
  ASSERT_EQ(report.errors.size(), 1u);
  EXPECT_EQ(report.errors[0].field("path"), (packages_ / "three.garita").string());
}

TEST_F(RebuildTest, patience_that_ends_says_how_much_is_left) {
  const ReconcileReport report = reconciled({.patience = std::chrono::milliseconds(0)});
  EXPECT_EQ(report.left, 2u);
  EXPECT_EQ(report.added, 0u);
}

TEST_F(RebuildTest, a_damaged_catalog_is_set_aside_whole) {
  reconciled();
  std::ofstream(database_) << "poem";
  ASSERT_EQ(Writer::open(database_).error().id, "catalog.damaged");
  const auto aside = set_aside(database_);
  ASSERT_TRUE(aside.ok());
  EXPECT_TRUE(fs::exists(*aside));
  EXPECT_EQ(reconciled().added, 2u);
}

TEST_F(RebuildTest, rows_of_files_that_are_gone_are_forgotten_but_not_those_of_a_disk_that_is_away) {
  reconciled();
  fs::remove(packages_ / "one.garita");
  auto to = writer();
  EXPECT_EQ(*forget_missing(to, database_), 1u);
  fs::rename(packages_, folder_ / "away");
  EXPECT_EQ(*forget_missing(to, database_), 0u);
  EXPECT_EQ(names({}), Names{"two"});
}

TEST_F(RebuildTest, addenda_that_came_later_are_seen) {
  reconciled();
  ASSERT_TRUE(decide(packages_ / "two.garita", v1::Decision::VERDICT_HOLD).ok());
  EXPECT_EQ(reconciled().added, 1u);
  Query held;
  held.decision = v1::Decision::VERDICT_HOLD;
  EXPECT_EQ(names(held), Names{"two"});
}

TEST_F(RebuildTest, a_decision_by_a_strange_key_is_no_decision_of_ours) {
  ASSERT_TRUE(decide(packages_ / "two.garita", v1::Decision::VERDICT_RELEASE, strange_key()).ok());
  reconciled();
  Query released;
  released.decision = v1::Decision::VERDICT_RELEASE;
  EXPECT_EQ(names(released), Names{});
  auto to = writer();
  ASSERT_TRUE(reconcile(to, packages_, {strange_key().public_key().key_id()}, {.again = true}).ok());
  EXPECT_EQ(names(released), Names{"two"});
}

TEST_F(RebuildTest, a_corrected_plate_is_found_beside_the_one_that_was_read) {
  v1::Addendum content;
  content.mutable_correction()->set_path("conveyance.plates[0].number");
  content.mutable_correction()->mutable_value()->set_text("b-8");
  ASSERT_TRUE(package::append_addendum(packages_ / "two.garita", root_, content, site_key(), clock_).ok());
  reconciled();
  for (const char* plate : {"B2", "B8"}) {
    Query query;
    query.identifiers.push_back({IdentifierKind::plate, plate});
    EXPECT_EQ(names(query), Names{"two"}) << plate;
  }
}

TEST_F(RebuildTest, a_finding_is_a_category_and_the_last_decision_counts) {
  const fs::path two = packages_ / "two.garita";
  v1::Addendum content;
  content.mutable_finding()->set_found(true);
  content.mutable_finding()->set_category(v1::CATEGORY_CASH);
  ASSERT_TRUE(decide(two, v1::Decision::VERDICT_HOLD).ok());
  ASSERT_TRUE(package::append_addendum(two, root_, content, site_key(), clock_).ok());
  ASSERT_TRUE(decide(two, v1::Decision::VERDICT_RELEASE).ok());
  reconciled();
  Query query;
  query.category = v1::CATEGORY_CASH;
  query.decision = v1::Decision::VERDICT_RELEASE;
  EXPECT_EQ(names(query), Names{"two"});
}

}  // namespace
}  // namespace garita::catalog
