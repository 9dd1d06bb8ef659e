#include "core/broker/journal.hpp"

#include <gtest/gtest.h>

#include "core/base/testing/faulty_files.hpp"
#include "core/base/testing/temporary_folder.hpp"

namespace garita::broker {
namespace {

using State = ObjectHistory::State;
using base::testing::FileCall;

class JournalTest : public ::testing::Test {
 protected:
  Journal open() { return Journal::open(path).value(); }
  std::string bytes() { return base::read_text_file(path, 1 << 20).value(); }
  void put(const std::string& text) { ASSERT_TRUE(base::write_file(path, text)); }

  base::testing::TemporaryFolder folder;
  const std::filesystem::path path = folder / "journal/inbox.log";
  const base::Digest one = base::sha256("one"), two = base::sha256("two");
};

TEST_F(JournalTest, what_was_told_is_known_after_it_is_opened_again) {
  {
    Journal journal = open();
    ASSERT_TRUE(journal.attempt(one));
    ASSERT_TRUE(journal.done(one));
    ASSERT_TRUE(journal.attempt(two));
    ASSERT_TRUE(journal.refused(two, 401, "it is\ntorn"));
  }
  const Journal journal = open();
  EXPECT_EQ(journal.find(one)->state, State::done);
  EXPECT_EQ(journal.find(two)->state, State::refused);
  EXPECT_EQ(journal.find(two)->code, 401u);
  EXPECT_NE(journal.find(two)->reason.find("torn"), std::string::npos);
}

TEST_F(JournalTest, attempts_count_until_they_are_given_back) {
  Journal journal = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(journal.attempt(one));
  ASSERT_TRUE(journal.returned(one));
  EXPECT_EQ(journal.find(one)->attempts, 2u);
}

TEST_F(JournalTest, a_torn_tail_is_cut_at_every_length) {
  {
    Journal journal = open();
    ASSERT_TRUE(journal.done(one));
    ASSERT_TRUE(journal.done(two));
  }
  const std::string whole = bytes();
  const size_t first = whole.find('\n') + 1;
  for (size_t size = first; size < whole.size(); ++size) {
    put(whole.substr(0, size));
    const Journal journal = open();
    EXPECT_NE(journal.find(one), nullptr) << size;
    EXPECT_EQ(journal.find(two), nullptr) << size;
    EXPECT_EQ(bytes(), whole.substr(0, first)) << size;
  }
}

TEST_F(JournalTest, a_flipped_byte_before_a_good_line_is_damage_that_names_the_line) {
  {
    Journal journal = open();
    ASSERT_TRUE(journal.done(one));
    ASSERT_TRUE(journal.done(two));
  }
  const std::string whole = bytes();
  for (size_t at = 0; at + 1 < whole.find('\n'); ++at) {
    std::string bad = whole;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    const auto parsed = parse_journal(bad, "j");
    ASSERT_FALSE(parsed) << at;
    EXPECT_EQ(parsed.error().field("line"), "1");
  }
}

TEST_F(JournalTest, one_that_is_open_is_not_opened_twice) {
  const Journal journal = open();
  EXPECT_EQ(Journal::open(path).error().id, "base.file_locked");
}

TEST_F(JournalTest, a_full_disk_leaves_it_as_it_was) {
  base::testing::FaultyFileSystem files;
  Journal journal = Journal::open(path, files).value();
  ASSERT_TRUE(journal.done(one));
  const std::string before = bytes();
  files.fail({.call = FileCall::append, .partial_bytes = 20});
  EXPECT_FALSE(journal.done(two));
  EXPECT_EQ(bytes(), before);
  files.heal();
  EXPECT_TRUE(journal.done(two));
}

}  // namespace
}  // namespace garita::broker
