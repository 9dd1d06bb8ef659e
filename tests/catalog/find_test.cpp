#include "core/catalog/retention.hpp"
#include "tests/catalog/fixture.hpp"

namespace garita::catalog {
namespace {

using namespace testing;

// Four inspections, a day apart, each with something of its own.
class FindTest : public CatalogTest {
 protected:
  void SetUp() override {
    CatalogTest::SetUp();
    auto plain = truck("CSQU3054383", "AB-123-C");
    auto alarmed = truck("MSKU1234565", "XYZ 987", march + ns_a_day);
    alarmed.add_readings()->set_kind(v1::Reading::KIND_NEUTRON);
    alarmed.mutable_readings(0)->set_alarm(true);
    auto cut = truck("TGHU7654321", "JKL456", march + 2 * ns_a_day);
    cut.mutable_completeness()->set_state(v1::Completeness::STATE_INCOMPLETE);
    cut.mutable_identity()->set_lane("lane2");
    auto drugs = truck("CSQU3054384", "DEF000", march + 3 * ns_a_day);
    drugs.add_detections()->set_category(v1::CATEGORY_FENTANYL);
    drugs.mutable_device()->set_vendor("Other Works");
    drugs.mutable_documents()->add_pedimentos("262430216001234");
    auto to = writer();
    for (const Entry& entry :
         {row("plain", plain), row("alarmed", alarmed), row("cut", cut), row("drugs", drugs)})
      ASSERT_TRUE(to.add(entry).ok());
  }
  static Query by(IdentifierKind kind, std::string value) {
    Query query;
    query.identifiers.push_back({kind, std::move(value)});
    return query;
  }
};

TEST_F(FindTest, nothing_asked_for_is_everything_newest_first) {
  EXPECT_EQ(names({}), (Names{"drugs", "cut", "alarmed", "plain"}));
}

TEST_F(FindTest, a_container_is_found_in_any_spelling) {
  EXPECT_EQ(names(by(IdentifierKind::container, "csqu 305438-3")), Names{"plain"});
}

TEST_F(FindTest, a_plate_is_not_found_as_a_container) {
  EXPECT_EQ(names(by(IdentifierKind::plate, "AB123C")), Names{"plain"});
  EXPECT_EQ(names(by(IdentifierKind::container, "AB123C")), Names{});
}

TEST_F(FindTest, a_printed_pedimento_is_found) {
  EXPECT_EQ(names(by(IdentifierKind::pedimento, "26  24  3021  6001234")), Names{"drugs"});
}

TEST_F(FindTest, any_kind_is_asked_for_without_one) {
  Query query;
  query.identifiers.push_back({std::nullopt, "xyz-987"});
  EXPECT_EQ(names(query), Names{"alarmed"});
}

TEST_F(FindTest, a_star_finds_a_beginning_but_not_a_short_one) {
  EXPECT_EQ(names(by(IdentifierKind::container, "CSQU30543*")), (Names{"drugs", "plain"}));
  const auto refused = reader().find(by(IdentifierKind::container, "CS*"), 10);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, "catalog.short_prefix");
}

TEST_F(FindTest, a_range_of_time_takes_its_start_and_leaves_its_end) {
  Query query;
  query.from_utc_ns = march + ns_a_day;
  query.to_utc_ns = march + 3 * ns_a_day;
  EXPECT_EQ(names(query), (Names{"cut", "alarmed"}));
}

TEST_F(FindTest, each_mark_finds_its_own) {
  Query alarm, cut, drugs;
  alarm.alarms = alarm_neutron;
  cut.incomplete = true;
  drugs.category = v1::CATEGORY_FENTANYL;
  EXPECT_EQ(names(alarm), Names{"alarmed"});
  EXPECT_EQ(names(cut), Names{"cut"});
  EXPECT_EQ(names(drugs), Names{"drugs"});
  alarm.alarms = alarm_gamma;
  EXPECT_EQ(names(alarm), Names{});
}

TEST_F(FindTest, a_suspect_scan_is_no_alarm_of_radiation_and_is_kept_as_long) {
  auto replayed = truck("CSQU3054383", "AB-123-C", march + 4 * ns_a_day);
  replayed.mutable_freshness()->set_verdict(v1::Freshness::VERDICT_REPLAYED);
  const Entry entry = row("replayed", replayed);
  EXPECT_EQ(class_of(entry), RetentionClass::alarm);
  ASSERT_TRUE(writer().add(entry).ok());
  Query suspect, gamma;
  suspect.suspect = true;
  EXPECT_EQ(names(suspect), Names{"replayed"});
  suspect.alarms = alarm_neutron;
  EXPECT_EQ(names(suspect), Names{});
}

TEST_F(FindTest, site_lane_and_vendor_match_in_either_case_and_by_their_beginning) {
  Query query;
  query.site = "MEXICALI";
  query.lane = "Lane2";
  EXPECT_EQ(names(query), Names{"cut"});
  Query vendor;
  vendor.vendor = "other*";
  EXPECT_EQ(names(vendor), Names{"drugs"});
  vendor.vendor = "nobody";
  EXPECT_EQ(names(vendor), Names{});
}

TEST_F(FindTest, the_newest_of_few_places_and_of_many_come_in_order) {
  auto to = writer();
  std::vector<Entry> entries;
  for (int i = 0; i < 200; ++i) {
    Entry entry =
        row("n" + std::to_string(i), truck("C" + std::to_string(i), "P", march + (10 + i) * ns_a_day));
    entry.site = "port";
    entry.lane = (i % 2 ? "odd" : "even") + std::to_string(i % 140);
    entries.push_back(entry);
  }
  ASSERT_TRUE(to.add(entries).ok());
  Query query;
  query.site = "port";  // 140 places
  EXPECT_EQ(names(query, 3), (Names{"n199", "n198", "n197"}));
  query.lane = "odd*";  // 70
  EXPECT_EQ(names(query, 3), (Names{"n199", "n197", "n195"}));
  query.lane = "odd1*";  // 1, 11, 13, … 139
  query.to_utc_ns = march + 30 * ns_a_day;
  EXPECT_EQ(names(query, 3), (Names{"n19", "n17", "n15"}));
}

TEST_F(FindTest, all_conditions_must_hold_whatever_leads) {
  Query query = by(IdentifierKind::container, "CSQU3054384");
  query.category = v1::CATEGORY_FENTANYL;
  query.from_utc_ns = march;
  query.site = "mexicali";
  EXPECT_EQ(names(query), Names{"drugs"});
  query.category = v1::CATEGORY_CASH;
  EXPECT_EQ(names(query), Names{});
  Query category;
  category.category = v1::CATEGORY_FENTANYL;
  category.to_utc_ns = march + ns_a_day;
  EXPECT_EQ(names(category), Names{});
}

TEST_F(FindTest, a_limit_keeps_the_newest_and_says_that_there_are_more) {
  const auto result = reader().find({}, 3);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->entries.size(), 3u);
  EXPECT_TRUE(result->more);
  EXPECT_FALSE(reader().find({}, 4)->more);
}

TEST_F(FindTest, a_row_says_all_that_went_in) {
  Query query;
  query.root = base::sha256("drugs");
  const Entry entry = reader().find(query, 1)->entries.at(0);
  EXPECT_EQ(entry.path, packages_ / "drugs.garita");
  EXPECT_EQ(entry.site + entry.lane + entry.vendor, "mexicalilane1Other Works");
  EXPECT_EQ(entry.identifiers.size(), 3u);
  EXPECT_EQ(entry.categories.machine, 1u << v1::CATEGORY_FENTANYL);
  EXPECT_EQ(entry.utc_ns, march + 3 * ns_a_day);
  EXPECT_EQ(entry.size_bytes, 1000u);
}

TEST_F(FindTest, texts_that_look_like_sql_are_only_texts) {
  Query query;
  query.site = "x' OR 1=1 --";
  query.identifiers.push_back({std::nullopt, "'; DROP TABLE package; --"});
  EXPECT_EQ(names(query), Names{});
  EXPECT_EQ(count(), 4u);
}

}  // namespace
}  // namespace garita::catalog
