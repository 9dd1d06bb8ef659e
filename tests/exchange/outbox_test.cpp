// The outbox: what was put stays until its receipt, whatever happens in between.
#include <fstream>
#include <future>

#include "core/base/testing/faulty_files.hpp"
#include "core/base/text.hpp"
#include "tests/exchange/sites.hpp"

namespace garita::exchange {
namespace {

using namespace testing;
using base::testing::FaultyFileSystem;
using base::testing::FileCall;

class InOutbox : public ::testing::Test {
 protected:
  InOutbox() { open(); }
  void open(OutboxLimits limits = {}) {
    outbox_.reset();
    auto opened = Outbox::open(folder_ / "o", limits, {.clock = clock_, .files = files_});
    ASSERT_TRUE(opened.ok()) << opened.error().id;
    outbox_ = std::make_unique<Outbox>(*std::move(opened));
  }
  base::Result<Entry> put(const std::string& key, const std::string& bytes,
                          const std::string& lane = "north") {
    return outbox_->put({"us", lane, key, Priority::rest}, bytes);
  }
  std::vector<Entry> waiting() { return *outbox_->waiting("us", 0, 1'000); }
  Receipt receipt_of(const Entry& entry) { return {entry.content, entry.place, 5}; }
  size_t files_in_content() {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_ / "o/content"),
                                             std::filesystem::directory_iterator()));
  }

  base::testing::TemporaryFolder folder_;
  base::ManualClock clock_{1'000};
  FaultyFileSystem files_;
  std::unique_ptr<Outbox> outbox_;
};

TEST_F(InOutbox, an_entry_waits_with_its_place_and_its_content) {
  const std::string bytes = bytes_of(1, 2 * chunk_bytes + 3);
  const Entry entry = *put("a", bytes);
  ASSERT_EQ(waiting().size(), 1u);
  EXPECT_EQ(waiting()[0].place, entry.place);
  EXPECT_EQ(entry.place.sequence, 1u);
  EXPECT_EQ(entry.since_utc_ns, 1'000);
  const Manifest manifest = *outbox_->manifest(entry);
  EXPECT_EQ(manifest.chunks.size(), 3u);
  std::string read(bytes.size(), '\0');
  ASSERT_TRUE((*outbox_->content(entry))->read(0, std::as_writable_bytes(std::span(read))).ok());
  EXPECT_EQ(read, bytes);
}

TEST_F(InOutbox, each_lane_counts_for_itself_and_has_a_number_that_does_not_say_its_name) {
  EXPECT_EQ(put("a", "1")->place.sequence, 1u);
  EXPECT_EQ(put("b", "2")->place.sequence, 2u);
  const Entry other = *put("c", "3", "south");
  EXPECT_EQ(other.place.sequence, 1u);
  EXPECT_NE(other.place.lane, waiting()[0].place.lane);
}

TEST_F(InOutbox, the_same_key_again_is_the_same_entry_also_after_its_receipt) {
  const Entry first = *put("a", "sealed once");
  EXPECT_EQ(put("a", "sealed again, so other bytes")->id, first.id);
  ASSERT_TRUE(*outbox_->settle("us", receipt_of(first), "proof"));
  EXPECT_EQ(put("a", "and again")->id, first.id);
  EXPECT_TRUE(waiting().empty());
  EXPECT_EQ(files_in_content(), 0u);
}

TEST_F(InOutbox, a_receipt_of_another_peer_place_or_content_ends_nothing) {
  const Entry entry = *put("a", "x");
  Receipt other_content = receipt_of(entry), other_place = receipt_of(entry), other_lane = receipt_of(entry);
  other_content.content[0] ^= 1;
  other_place.place.sequence = 2;
  other_lane.place.lane[0] ^= 1;
  EXPECT_FALSE(*outbox_->settle("us", other_content, "p"));
  EXPECT_FALSE(*outbox_->settle("us", other_place, "p"));
  EXPECT_FALSE(*outbox_->settle("us", other_lane, "p"));
  EXPECT_FALSE(*outbox_->settle("ca", receipt_of(entry), "p"));
  EXPECT_EQ(waiting().size(), 1u);
  EXPECT_TRUE(*outbox_->settle("us", receipt_of(entry), "p"));
  EXPECT_FALSE(*outbox_->settle("us", receipt_of(entry), "p"));
}

TEST_F(InOutbox, a_content_goes_with_the_last_entry_that_needs_it) {
  const Entry first = *put("a", "same"), second = *put("b", "same");
  EXPECT_EQ(first.content, second.content);
  EXPECT_TRUE(*outbox_->settle("us", receipt_of(first), "p"));
  EXPECT_TRUE(outbox_->content(second).ok());
  EXPECT_TRUE(*outbox_->settle("us", receipt_of(second), "p"));
  EXPECT_FALSE(outbox_->content(second).ok());
}

TEST_F(InOutbox, all_is_there_after_a_restart_and_orphans_are_gone) {
  const Entry entry = *put("a", "x");
  std::ofstream(folder_ / ("o/content/" + std::string(64, 'e'))) << "nobody's";
  open();
  ASSERT_EQ(waiting().size(), 1u);
  EXPECT_EQ(waiting()[0].content, entry.content);
  EXPECT_EQ(files_in_content(), 1u);
  EXPECT_EQ(put("b", "y")->place.sequence, 2u);
}

TEST_F(InOutbox, that_is_full_refuses_says_so_and_takes_again_after_a_receipt) {
  open({.max_bytes = 100, .max_entries = 2});
  const Entry first = *put("a", std::string(60, 'a'));
  const auto too_much = put("b", std::string(60, 'b'));
  ASSERT_FALSE(too_much.ok());
  EXPECT_EQ(too_much.error().id, "exchange.outbox_full");
  EXPECT_NE(base::render(too_much.error(), base::Language::es).find("us"), std::string::npos);
  EXPECT_TRUE(put("c", "c").ok());
  EXPECT_FALSE(put("d", "d").ok());                                           // the third
  EXPECT_TRUE(outbox_->put({"ca", "north", "d", Priority::rest}, "d").ok());  // another's quota
  EXPECT_TRUE(*outbox_->settle("us", receipt_of(first), "p"));
  EXPECT_EQ(put("b", std::string(60, 'b'))->place.sequence, 3u);  // no number was used up in between
  EXPECT_EQ(files_in_content(), 3u);
}

TEST_F(InOutbox, nothing_at_all_is_no_content) {
  EXPECT_EQ(put("a", "").error().id, "exchange.content_size");
}

TEST_F(InOutbox, on_a_disk_that_fails_at_any_call_an_entry_is_there_whole_or_not_at_all) {
  for (const FileCall call :
       {FileCall::create, FileCall::append, FileCall::sync, FileCall::rename, FileCall::sync_folder})
    for (uint64_t at = 1; at <= 3; ++at) {
      const std::string key = std::to_string(static_cast<int>(call)) + "-" + std::to_string(at);
      files_.fail({.call = call, .at = at, .partial_bytes = 2});
      const bool taken = put(key, "content of " + key).ok();
      files_.heal();
      const size_t before = waiting().size();
      EXPECT_EQ(put(key, "content of " + key)->key, key);
      EXPECT_EQ(waiting().size(), before + (taken ? 0 : 1)) << key;
    }
  open();
  for (const Entry& entry : waiting()) EXPECT_TRUE(outbox_->content(entry).ok()) << entry.key;
  EXPECT_EQ(files_in_content(), waiting().size());
  for (uint64_t i = 0; i < waiting().size(); ++i) EXPECT_EQ(waiting()[i].place.sequence, i + 1);
}

TEST_F(InOutbox, two_programs_may_put_at_once) {
  auto other = Outbox::open(folder_ / "o");
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(put("a", "1")->place.sequence, 1u);
  const uint64_t version = outbox_->version();
  EXPECT_EQ(other->put({"us", "north", "b", Priority::alarm}, "2")->place.sequence, 2u);
  EXPECT_NE(outbox_->version(), version);
  EXPECT_EQ(put("b", "2")->place.sequence, 2u);
  EXPECT_EQ(waiting().size(), 2u);
}

TEST_F(InOutbox, several_programs_may_be_the_first) {
  for (int round = 0; round < 20; ++round) {
    const auto folder = folder_ / ("new" + std::to_string(round));
    std::vector<std::future<std::string>> opened;
    for (int i = 0; i < 6; ++i)
      opened.push_back(std::async(std::launch::async, [&] {
        const auto outbox = Outbox::open(folder);
        return outbox.ok() ? std::string() : outbox.error().id;
      }));
    for (auto& each : opened) EXPECT_EQ(each.get(), "");
  }
}

TEST_F(InOutbox, status_says_what_waits_where_and_since_when) {
  const Entry first = *put("a", "12345");
  clock_.advance(50);
  ASSERT_TRUE(put("b", "123").ok());
  ASSERT_TRUE(*outbox_->settle("us", receipt_of(first), "p"));
  const auto lanes = *outbox_->status();
  ASSERT_EQ(lanes.size(), 1u);
  EXPECT_EQ(lanes[0].lane, "north");
  EXPECT_EQ(lanes[0].waiting, 1u);
  EXPECT_EQ(lanes[0].waiting_bytes, 3u);
  EXPECT_EQ(lanes[0].oldest_utc_ns, 1'050);
  EXPECT_EQ(lanes[0].received, 1u);
  EXPECT_EQ(lanes[0].last_sequence, 2u);
}

TEST_F(InOutbox, a_database_of_another_program_or_a_damaged_one_is_named) {
  outbox_.reset();
  std::filesystem::remove(folder_ / "o/outbox.db-wal");
  std::ofstream(folder_ / "o/outbox.db", std::ios::trunc) << std::string(5'000, 'z');
  const auto opened = Outbox::open(folder_ / "o");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().id, "exchange.db_damaged");
}

}  // namespace
}  // namespace garita::exchange
