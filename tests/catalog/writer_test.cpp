#include <future>
#include <limits>
#include <thread>

#include "tests/catalog/fixture.hpp"

namespace garita::catalog {
namespace {

using namespace testing;

class WriterTest : public CatalogTest {
 protected:
  void corrupt() {
    std::fstream file(database_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(0);
    file << "this is not a database, it is a poem";
  }
  Names by_container(const std::string& number) {
    Query query;
    query.identifiers.push_back({IdentifierKind::container, number});
    return names(query);
  }
};

TEST_F(WriterTest, a_row_is_there_for_readers_when_add_returns) {
  auto to = writer();
  EXPECT_TRUE(to.created());
  ASSERT_TRUE(to.add(row("one", truck("CSQU3054383", "A1"))).ok());
  EXPECT_EQ(names({}), Names{"one"});
}

TEST_F(WriterTest, the_same_package_again_is_one_row_at_its_last_place) {
  auto to = writer();
  Entry entry = row("one", truck("CSQU3054383", "A1"));
  ASSERT_TRUE(to.add(entry).ok());
  entry.path = folder_ / "moved" / "two.garita";
  ASSERT_TRUE(to.add(entry).ok());
  EXPECT_EQ(names({}), Names{"two"});
  EXPECT_EQ(by_container("CSQU3054383"), Names{"two"});
}

TEST_F(WriterTest, another_package_under_the_same_name_replaces_the_row) {
  auto to = writer();
  ASSERT_TRUE(to.add(row("one", truck("CSQU3054383", "A1"))).ok());
  Entry other = row("one", truck("MSKU1234565", "B2"));
  other.root = base::sha256("other");
  ASSERT_TRUE(to.add(other).ok());
  EXPECT_EQ(count(), 1u);
  EXPECT_EQ(by_container("CSQU3054383"), Names{});
  EXPECT_EQ(by_container("MSKU1234565"), Names{"one"});
}

TEST_F(WriterTest, packages_of_the_same_moment_all_have_their_row) {
  auto to = writer();
  for (int i = 0; i < 5; ++i) {
    Entry entry = row("same" + std::to_string(i), truck("C" + std::to_string(i), "P"));
    entry.root = base::Digest{7, 7, 7};  // the bytes that a row's number is made of
    entry.root[31] = static_cast<uint8_t>(i);
    ASSERT_TRUE(to.add(entry).ok());
  }
  EXPECT_EQ(count(), 5u);
  ASSERT_TRUE(to.remove([] {
                  base::Digest root{7, 7, 7};
                  root[31] = 2;
                  return root;
                }())
                  .ok());
  EXPECT_EQ(by_container("C2"), Names{});
  EXPECT_EQ(by_container("C3"), Names{"same3"});
}

TEST_F(WriterTest, times_at_the_ends_of_the_scale_are_kept) {
  auto to = writer();
  const int64_t first = std::numeric_limits<int64_t>::min(), last = std::numeric_limits<int64_t>::max();
  ASSERT_TRUE(to.add(row("first", truck("C1", "P1", first))).ok());
  ASSERT_TRUE(to.add(row("last", truck("C2", "P2", last))).ok());
  ASSERT_TRUE(to.add(row("never", truck("C3", "P3", 0))).ok());
  EXPECT_EQ(names({}), (Names{"last", "never", "first"}));
  Query query;
  query.from_utc_ns = last - 1;
  EXPECT_EQ(names(query), Names{"last"});
}

TEST_F(WriterTest, the_log_of_many_commits_is_brought_home) {
  auto to = writer();
  std::vector<Entry> many;
  for (int i = 0; i < 2000; ++i) many.push_back(row(std::to_string(i), truck("C" + std::to_string(i), "P")));
  for (int round = 0; round < 30; ++round) {
    for (Entry& entry : many) entry.root = base::sha256(base::to_text(entry.root));
    ASSERT_TRUE(to.add(many).ok());  // replaces all
  }
  EXPECT_EQ(count(), 2000u);
  EXPECT_TRUE(reader().check().ok());
  EXPECT_LT(fs::file_size(database_.string() + "-wal"), 320u << 20);
}

TEST_F(WriterTest, a_removed_row_leaves_nothing_behind) {
  auto to = writer();
  auto record = truck("CSQU3054383", "A1");
  record.add_detections()->set_category(v1::CATEGORY_CASH);
  ASSERT_TRUE(to.add(row("one", record)).ok());
  ASSERT_TRUE(to.remove(base::sha256("one")).ok());
  SQLite::Database raw(database_.string());
  EXPECT_EQ(raw.execAndGet("SELECT (SELECT count(*) FROM package) + (SELECT count(*) FROM identifier) + "
                           "(SELECT count(*) FROM category)")
                .getInt(),
            0);
}

TEST_F(WriterTest, several_threads_and_programs_write_at_once) {
  const auto write = [&](Writer& to, const std::string& name) {
    for (int i = 0; i < 50; ++i) {
      const std::string each = name + std::to_string(i);
      EXPECT_TRUE(to.add(row(each, truck("C" + each, "P" + each))).ok());
    }
  };
  auto one = writer(), another = writer();
  std::thread first([&] { write(one, "a"); }), second([&] { write(one, "b"); }),
      third([&] { write(another, "c"); });
  first.join(), second.join(), third.join();
  EXPECT_EQ(count(), 150u);
}

TEST_F(WriterTest, several_programs_may_be_the_first) {
  for (int round = 0; round < 20; ++round) {
    const fs::path database = database_.string() + std::to_string(round);
    std::vector<std::future<std::string>> opened;
    for (int i = 0; i < 6; ++i)
      opened.push_back(std::async(std::launch::async, [&] {
        const auto writer = Writer::open(database);
        return writer.ok() ? std::string() : writer.error().id;
      }));
    for (auto& each : opened) EXPECT_EQ(each.get(), "");
  }
}

TEST_F(WriterTest, a_file_that_is_no_database_is_named_as_damaged) {
  writer();
  corrupt();
  const auto damaged = Writer::open(database_);
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().id, "catalog.damaged");
  EXPECT_EQ(Reader::open(database_).error().id, "catalog.damaged");
}

TEST_F(WriterTest, a_missing_catalog_is_named_and_not_made_by_a_reader) {
  EXPECT_EQ(Reader::open(database_).error().id, "catalog.missing");
  EXPECT_FALSE(fs::exists(database_));
}

TEST_F(WriterTest, the_database_of_another_program_is_left_alone) {
  SQLite::Database(database_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE theirs (a)");
  EXPECT_EQ(Writer::open(database_).error().id, "catalog.foreign");
}

TEST_F(WriterTest, a_newer_catalog_is_not_touched) {
  writer();
  SQLite::Database(database_.string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 3");
  EXPECT_EQ(Writer::open(database_).error().id, "catalog.newer");
}

TEST_F(WriterTest, the_catalog_is_its_owners_alone) {
  writer();
  EXPECT_EQ(fs::status(database_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(WriterTest, a_broken_page_is_found_by_check) {
  {
    auto to = writer();
    for (int i = 0; i < 200; ++i)
      ASSERT_TRUE(to.add(row(std::to_string(i), truck("C" + std::to_string(i), "P"))).ok());
  }
  ASSERT_TRUE(reader().check().ok());
  std::fstream file(database_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(5 * 4096);
  file << std::string(4096, '\x55');
  file.close();
  const auto checked = reader().check();
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().id, "catalog.damaged");
}

// The kept database of version 1 comes to this version with all of its rows.
class MigrationTest : public CatalogTest {
 protected:
  void SetUp() override {
    CatalogTest::SetUp();
    std::ifstream text(GARITA_SOURCE_DIR "/tests/catalog/frozen/catalog-v1.sql");
    const std::string sql((std::istreambuf_iterator<char>(text)), {});
    ASSERT_FALSE(sql.empty());
    SQLite::Database(database_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql);
  }
};

TEST_F(MigrationTest, a_catalog_of_version_1_is_read_and_brought_forward) {
  EXPECT_EQ(names({}), (Names{"20260302T000000Z-lane1-b", "20260301T000000Z-lane1-a"}));
  Query query;
  query.identifiers.push_back({IdentifierKind::container, "CSQU3054383"});
  EXPECT_EQ(names(query), Names{"20260301T000000Z-lane1-a"});
  EXPECT_EQ(SQLite::Database(database_.string()).execAndGet("PRAGMA user_version").getInt(), 2);
}

TEST_F(MigrationTest, a_catalog_of_version_1_takes_what_version_2_brought) {
  auto to = writer();
  EXPECT_FALSE(to.created());
  Query query;
  query.identifiers.push_back({IdentifierKind::container, "CSQU3054383"});
  Entry entry = reader().find(query, 1)->entries.at(0);
  entry.decision = v1::Decision::VERDICT_HOLD;
  ASSERT_TRUE(to.update(entry).ok());
  Query held;
  held.decision = v1::Decision::VERDICT_HOLD;
  EXPECT_EQ(names(held), Names{"20260301T000000Z-lane1-a"});
}

}  // namespace
}  // namespace garita::catalog
