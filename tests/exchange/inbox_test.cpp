// The inbox: chunks in any order become contents once, and a receipt stands for bytes on the disk.
#include <algorithm>
#include <fstream>

#include "core/base/merkle.hpp"
#include "core/base/testing/faulty_files.hpp"
#include "tests/exchange/sites.hpp"

namespace garita::exchange {
namespace {

using namespace testing;
using base::testing::FaultyFileSystem;
using base::testing::FileCall;

struct Arrival {
  Arrival(std::string given, uint64_t sequence, uint8_t lane = 1) : bytes(std::move(given)) {
    manifest = {.size_bytes = bytes.size(), .place = {.lane = {lane}, .sequence = sequence}};
    for (size_t at = 0; at < bytes.size(); at += chunk_bytes)
      manifest.chunks.push_back(base::leaf_hash(piece(at)));
    manifest.content = base::merkle_root(manifest.chunks);
  }
  std::string_view piece(size_t at) const { return std::string_view(bytes).substr(at, chunk_bytes); }
  Chunk chunk(uint32_t index) const { return {manifest.content, index, manifest.chunks[index], {}}; }

  std::string bytes;
  Manifest manifest;
};

class InInbox : public ::testing::Test {
 protected:
  InInbox() { open(); }
  void open(InboxLimits limits = {}) {
    inbox_.reset();
    auto opened = Inbox::open(folder_ / "i", limits, clock_, files_);
    ASSERT_TRUE(opened.ok()) << opened.error().id;
    inbox_ = std::make_unique<Inbox>(*std::move(opened));
  }
  base::Result<bool> chunk(const Arrival& parcel, uint32_t index, const std::string& sender = "mx") {
    return inbox_->take(sender, parcel.chunk(index), parcel.piece(size_t{index} * chunk_bytes));
  }
  void chunks(const Arrival& parcel, std::initializer_list<uint32_t> indexes) {
    for (const uint32_t index : indexes) EXPECT_TRUE(chunk(parcel, index).ok());
  }
  // nullopt: a receipt.
  std::optional<Progress> ask(const Arrival& parcel, const std::string& sender = "mx") {
    const auto answer = inbox_->take(sender, parcel.manifest);
    EXPECT_TRUE(answer.ok());
    const auto* progress = answer ? std::get_if<Progress>(&*answer) : nullptr;
    return progress ? std::optional(*progress) : std::nullopt;
  }
  uint32_t chunks_there(const Arrival& parcel) {
    const auto progress = ask(parcel);
    return progress ? progress->chunks : static_cast<uint32_t>(parcel.manifest.chunks.size());
  }
  std::string content_of_arrival(size_t i) {
    return *base::read_text_file(inbox_->arrivals(100)->at(i).path, 1u << 30);
  }

  base::testing::TemporaryFolder folder_;
  base::ManualClock clock_{1'000};
  FaultyFileSystem files_;
  std::unique_ptr<Inbox> inbox_;
  const Arrival three_{bytes_of(7, 2 * chunk_bytes + 9), 1};
};

TEST_F(InInbox, a_content_in_order_is_whole_and_gets_the_same_receipt_each_time) {
  chunks(three_, {0, 1, 2});
  EXPECT_FALSE(ask(three_));
  clock_.advance(77);
  const auto again = inbox_->take("mx", three_.manifest);
  EXPECT_EQ(std::get<Receipt>(*again).received_utc_ns, 1'000);
  EXPECT_EQ(content_of_arrival(0), three_.bytes);
  EXPECT_EQ(inbox_->arrivals(100)->size(), 1u);
}

TEST_F(InInbox, chunks_come_in_any_order_and_twice) {
  std::vector<uint32_t> order{0, 1, 2, 0, 1, 2};
  do {
    open();
    std::filesystem::remove_all(folder_ / "i/incoming");
    std::filesystem::create_directory(folder_ / "i/incoming");
    const Arrival parcel(bytes_of(order[0] * 100 + order[1] * 10 + order[2], 2 * chunk_bytes + 9), 1,
                         static_cast<uint8_t>(order[0] * 16 + order[1] * 4 + order[2]));
    for (const uint32_t index : order) EXPECT_TRUE(chunk(parcel, index).ok());
    EXPECT_FALSE(ask(parcel));
  } while (std::next_permutation(order.begin(), order.begin() + 3));
}

TEST_F(InInbox, what_is_missing_is_said_and_is_enough_to_go_on) {
  EXPECT_EQ(chunks_there(three_), 0u);
  chunks(three_, {0, 2});
  EXPECT_EQ(chunks_there(three_), 1u);
  chunks(three_, {1});  // the one that was early has its turn
  EXPECT_FALSE(ask(three_));
}

TEST_F(InInbox, a_restart_goes_on_with_whole_chunks_and_a_torn_one_comes_again) {
  chunks(three_, {0, 1});
  open();
  EXPECT_EQ(chunks_there(three_), 2u);
  open();
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "i/incoming"))
    std::filesystem::resize_file(file, chunk_bytes + 100);
  EXPECT_EQ(chunks_there(three_), 1u);
  chunks(three_, {1, 2});
  EXPECT_FALSE(ask(three_));
  EXPECT_EQ(content_of_arrival(0), three_.bytes);
}

TEST_F(InInbox, bytes_that_the_disk_changed_are_noticed_before_the_receipt) {
  chunks(three_, {0, 1});
  inbox_.reset();
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "i/incoming"))
    std::fstream(file.path(), std::ios::in | std::ios::out).seekp(10).put('!');
  open();
  EXPECT_EQ(chunks_there(three_), 0u);
}

TEST_F(InInbox, a_crash_between_name_and_line_costs_nothing) {
  chunks(three_, {0, 1, 2});
  inbox_.reset();
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "i/incoming"))
    std::filesystem::rename(file, folder_ / "i/content" / file.path().filename());
  // Without a line nothing says that it is wanted: it is asked for again.
  open();
  chunks(three_, {0, 1, 2});
  EXPECT_FALSE(ask(three_));
  EXPECT_EQ(content_of_arrival(0), three_.bytes);
}

TEST_F(InInbox, what_was_announced_and_named_but_not_written_down_is_taken_up_again) {
  EXPECT_EQ(chunks_there(three_), 0u);
  chunks(three_, {0, 1, 2});
  inbox_.reset();
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "i/incoming"))
    std::filesystem::rename(file, folder_ / "i/content" / file.path().filename());
  open();
  EXPECT_EQ(chunks_there(three_), 2u);  // the last one is shorter than a chunk and comes again
  chunks(three_, {2});
  EXPECT_FALSE(ask(three_));
}

TEST_F(InInbox, wrong_chunks_of_a_right_sender_are_cut_off_by_the_manifest) {
  const std::string wrong = bytes_of(99, chunk_bytes);
  EXPECT_TRUE(inbox_->take("mx", {three_.manifest.content, 0, base::leaf_hash(wrong), {}}, wrong).ok());
  EXPECT_EQ(chunks_there(three_), 0u);
  chunks(three_, {0, 1, 2});
  EXPECT_FALSE(ask(three_));
}

TEST_F(InInbox, another_sender_can_neither_spoil_nor_claim_a_content) {
  const std::string wrong = bytes_of(99, chunk_bytes);
  EXPECT_TRUE(inbox_->take("xx", {three_.manifest.content, 0, base::leaf_hash(wrong), {}}, wrong).ok());
  chunks(three_, {0, 1, 2});
  EXPECT_FALSE(ask(three_));
  const auto claim = ask(three_, "xx");
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->chunks, 0u);
  EXPECT_EQ(inbox_->arrivals(100)->size(), 1u);
}

TEST_F(InInbox, a_place_of_a_lane_has_one_content_for_ever) {
  chunks(three_, {0, 1, 2});
  EXPECT_FALSE(ask(three_));
  const Arrival other("other bytes at the same place", 1);
  EXPECT_EQ(ask(other)->hold, Hold::sequence_reused);
  EXPECT_TRUE(chunk(other, 0).ok());
  EXPECT_EQ(ask(other)->hold, Hold::sequence_reused);
}

TEST_F(InInbox, gaps_are_told_by_lane) {
  for (const uint64_t sequence : {2, 3, 7}) {
    const Arrival parcel("content " + std::to_string(sequence), sequence);
    chunks(parcel, {0});
    EXPECT_FALSE(ask(parcel));
  }
  EXPECT_TRUE(ask(Arrival("announced", 9)));
  const auto lanes = *gaps_of(folder_ / "i");
  ASSERT_EQ(lanes.size(), 1u);
  EXPECT_EQ(lanes[0].received, 3u);
  EXPECT_EQ(lanes[0].highest, 9u);
  ASSERT_EQ(lanes[0].gaps.size(), 3u);
  EXPECT_EQ(lanes[0].gaps[0].first, 1u);
  EXPECT_EQ(lanes[0].gaps[0].last, 1u);
  EXPECT_EQ(lanes[0].gaps[1].first, 4u);
  EXPECT_EQ(lanes[0].gaps[1].last, 6u);
  EXPECT_EQ(lanes[0].gaps[2].last, 9u);
}

TEST_F(InInbox, what_was_released_is_gone_but_known) {
  chunks(three_, {0, 1, 2});
  EXPECT_FALSE(ask(three_));
  EXPECT_TRUE(inbox_->release("mx", three_.manifest.content).ok());
  EXPECT_TRUE(inbox_->arrivals(100)->empty());
  open();
  EXPECT_FALSE(ask(three_));  // the receipt again, and not the bytes
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "i/content"));
}

TEST_F(InInbox, a_full_disk_at_any_call_keeps_what_was_there_and_gives_no_receipt) {
  uint64_t sequence = 10;
  for (const FileCall call : {FileCall::append, FileCall::sync, FileCall::rename, FileCall::sync_folder}) {
    const Arrival parcel(bytes_of(sequence, 2 * chunk_bytes + 9), sequence);
    ++sequence;
    chunks(parcel, {0});
    files_.fail({.call = call, .for_good = true, .partial_bytes = 5});
    (void)chunk(parcel, 1);
    (void)chunk(parcel, 2);
    const auto answer = inbox_->take("mx", parcel.manifest);
    EXPECT_FALSE(answer.ok() && std::holds_alternative<Receipt>(*answer)) << static_cast<int>(call);
    files_.heal();
    for (uint32_t i = 0; i < 3; ++i) EXPECT_TRUE(chunk(parcel, i).ok());
    EXPECT_FALSE(ask(parcel)) << static_cast<int>(call);
    EXPECT_EQ(*base::read_text_file(inbox_->arrivals(100)->back().path, 1u << 30), parcel.bytes);
  }
}

TEST_F(InInbox, a_sender_that_leaves_chunks_without_end_pushes_out_its_own) {
  open({.max_incoming_bytes = 4 * chunk_bytes, .max_incoming = 3, .max_open = 2});
  chunks(three_, {0});
  for (uint64_t i = 0; i < 20; ++i)
    EXPECT_TRUE(chunk(Arrival(bytes_of(i, chunk_bytes), i + 2), 0, "flood").ok());
  EXPECT_LE(std::distance(std::filesystem::directory_iterator(folder_ / "i/incoming"),
                          std::filesystem::directory_iterator()),
            5);
  EXPECT_EQ(chunks_there(three_), 1u);
}

TEST_F(InInbox, beyond_its_quota_of_whole_contents_a_sender_waits_for_somebody_to_open_them) {
  open({.max_content_bytes = 3 * chunk_bytes});
  chunks(three_, {0, 1, 2});
  EXPECT_FALSE(ask(three_));
  const Arrival next(bytes_of(8, chunk_bytes), 2);
  chunks(next, {0});
  EXPECT_EQ(ask(next)->hold, Hold::quota);
  EXPECT_TRUE(inbox_->release("mx", three_.manifest.content).ok());
  EXPECT_FALSE(ask(next));
}

TEST_F(InInbox, one_program_at_a_time) {
  const auto second = Inbox::open(folder_ / "i");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().id, "base.file_locked");
}

}  // namespace
}  // namespace garita::exchange
