#include "core/broker/inbox.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "core/base/testing/temporary_folder.hpp"
#include "tests/broker/broker_fixture.hpp"

namespace garita::broker {
namespace {

using Kind = InboxNote::Kind;

class InboxTest : public testing::BrokerTest {
 protected:
  void put(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }

  void use_inbox(InboxRules rules = {}, const std::string& options = "?settle_ms=0") {
    broker.reset();
    inbox.reset();
    const Address address = Address::parse("dir:" + folder.path().string() + options).value();
    inbox = Inbox::open(address, std::move(rules), Journal::open(state / "j.log").value(), base::system_clock()).value();
    Broker::Sources sources;
    sources.emplace("in", address);
    broker = Broker::create(std::move(sources), base::system_clock(), {}, nullptr, {{"in", inbox}}).value();
    id = open("in");
  }
  void restart(bool crashed, InboxRules rules = {.until_empty = true}) {
    ASSERT_TRUE(inbox->take_back(crashed));
    broker.reset();
    inbox.reset();
    use_inbox(std::move(rules));
  }

  garita_status next(uint64_t deadline_ns = 0) { return broker->object_next(id, deadline_ns, object).status; }
  // The object is a package.
  void consume() {
    inbox->scan_begun(object.handle);
    ASSERT_TRUE(inbox->done(object.handle).ok());
    inbox->scan_stored(object.handle);
    ASSERT_TRUE(inbox->settle());
  }
  std::string bytes(uint64_t handle) {
    std::string text(100, '\0');
    uint32_t size = 0;
    EXPECT_TRUE(inbox->read_at(handle, 0, std::as_writable_bytes(std::span(text)), size).ok());
    return text.substr(0, size);
  }
  std::vector<std::pair<std::string, Kind>> notes() {
    std::vector<std::pair<std::string, Kind>> found;
    for (const InboxNote& note : inbox->take_notes()) found.emplace_back(note.file, note.kind);
    return found;
  }

  base::testing::TemporaryFolder folder, state;
  std::shared_ptr<Inbox> inbox;
  uint32_t id = 0;
  ObjectInfo object;
};

TEST_F(InboxTest, a_file_is_an_object_with_its_name_size_and_digest) {
  put("a.scan", "abc");
  use_inbox();
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(info.kind, GARITA_STREAM_OBJECTS);
  EXPECT_EQ(object.name, "a.scan");
  EXPECT_EQ(object.size_bytes, 3u);
  EXPECT_EQ(object.sha256, hash("abc"));
  EXPECT_EQ(bytes(object.handle), "abc");
}

TEST_F(InboxTest, an_empty_folder_times_out_and_ends_where_it_is_to_be_emptied) {
  use_inbox();
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  use_inbox({.until_empty = true}, "?settle_ms=1");
  EXPECT_EQ(next(), GARITA_END);
}

TEST_F(InboxTest, a_file_swapped_after_it_was_taken_changes_nothing_that_was_taken) {
  put("a", "before");
  use_inbox();
  ASSERT_EQ(next(), GARITA_OK);
  put("b", "after!");
  std::filesystem::rename(folder / "b", folder / "a");
  EXPECT_EQ(bytes(object.handle), "before");
  EXPECT_EQ(object.sha256, hash("before"));
}

TEST_F(InboxTest, what_is_put_under_an_old_name_afterwards_is_a_new_object) {
  put("a", "before");
  use_inbox();
  ASSERT_EQ(next(), GARITA_OK);
  put("b", "after!");
  std::filesystem::rename(folder / "b", folder / "a");
  consume();
  ASSERT_EQ(next(patient()), GARITA_OK);
  EXPECT_EQ(bytes(object.handle), "after!");
}

TEST_F(InboxTest, a_file_that_is_open_for_writing_is_left_alone_until_it_is_closed) {
  const int writer = ::open((folder / "a").c_str(), O_WRONLY | O_CREAT, 0644);
  ASSERT_EQ(::write(writer, "12", 2), 2);
  if (is_closed(folder / "a")) GTEST_SKIP() << "this file system does not say who writes";
  use_inbox();
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  ::close(writer);
  EXPECT_EQ(next(patient()), GARITA_OK);
}

TEST_F(InboxTest, a_file_younger_than_settle_ms_is_left_alone_but_one_renamed_in_is_not) {
  use_inbox({}, "?settle_ms=3600000");
  put("grows", "1");
  put(".temporary", "2");
  std::filesystem::rename(folder / ".temporary", folder / "whole");
  ASSERT_EQ(next(patient()), GARITA_OK);
  EXPECT_EQ(object.name, "whole");
  EXPECT_EQ(next(), GARITA_TIMEOUT);
}

TEST_F(InboxTest, hidden_and_part_files_are_no_objects_but_passed_over_and_folders_and_links_are_nothing) {
  put(".hidden", "1");
  put("a.part", "2");
  std::filesystem::create_directory(folder / "sub");
  std::filesystem::create_symlink("/etc/passwd", folder / "link");
  use_inbox({.until_empty = true});
  EXPECT_EQ(next(), GARITA_END);
  EXPECT_EQ(next(), GARITA_END);
  EXPECT_EQ(notes(), (std::vector{std::pair(std::string(".hidden"), Kind::passed_over),
                                  std::pair(std::string("a.part"), Kind::passed_over)}));
}

TEST_F(InboxTest, what_matches_no_pattern_is_passed_over_once_and_listed) {
  put("readme.txt", "1");
  use_inbox({.patterns = {"*.scan"}, .until_empty = true});
  EXPECT_EQ(next(), GARITA_END);
  EXPECT_EQ(next(), GARITA_END);
  EXPECT_EQ(notes(), (std::vector{std::pair(std::string("readme.txt"), Kind::passed_over)}));
}

TEST_F(InboxTest, an_object_waits_for_its_siblings) {
  put("a.scan", "1");
  use_inbox({.patterns = {"*.scan"}, .siblings = {{"{stem}.xml"}}});
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  put("a.xml", "two");
  ASSERT_EQ(next(patient()), GARITA_OK);
  EXPECT_EQ(object.siblings, 1u);
  ObjectInfo sibling;
  ASSERT_TRUE(inbox->sibling(object.handle, "a.xml", sibling).ok());
  EXPECT_EQ(bytes(sibling.handle), "two");
  EXPECT_EQ(inbox->sibling(object.handle, "b.xml", sibling).status, GARITA_NOT_CONFIGURED);
}

TEST_F(InboxTest, a_sibling_that_never_comes_refuses_the_object_for_this_run_only) {
  put("a.scan", "1");
  const InboxRules rules{.patterns = {"*.scan"}, .siblings = {{"{stem}.xml"}}, .until_empty = true};
  use_inbox(rules);
  EXPECT_EQ(next(patient()), GARITA_END);
  EXPECT_EQ(notes(), (std::vector{std::pair(std::string("a.scan"), Kind::refused)}));
  put("a.xml", "2");
  restart(false, rules);
  EXPECT_EQ(next(patient()), GARITA_OK);
}

TEST_F(InboxTest, an_object_whose_sibling_stays_away_is_named_once_and_taken_when_it_comes_after_all) {
  put("a.scan", "one");
  put("b.xml", "whose object stays away");
  const InboxRules rules{.patterns = {"*.scan"}, .siblings = {{"{stem}.xml"}}};
  use_inbox(rules, "?settle_ms=0&missing_ms=0");
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  EXPECT_EQ(notes(), (std::vector<std::pair<std::string, Kind>>{{"a.scan", Kind::refused}, {"b.xml", Kind::passed_over}}));
  put("a.xml", "late");
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(object.name, "a.scan");
  EXPECT_EQ(object.siblings, 1u);
}

TEST_F(InboxTest, an_object_within_its_patience_is_not_said_to_lack_anything) {
  put("a.scan", "one");
  use_inbox({.patterns = {"*.scan"}, .siblings = {{"{stem}.xml"}}}, "?settle_ms=0");
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  EXPECT_TRUE(notes().empty());
}

TEST_F(InboxTest, an_object_waits_late_ms_for_siblings_that_may_come_and_no_longer) {
  put("a.scan", "one");
  const InboxRules rules{.patterns = {"*.scan"}, .siblings = {{"{stem}.jpg", false}}};
  use_inbox(rules, "?settle_ms=0&late_ms=3600000");
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  put("a.jpg", "two");
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(object.siblings, 1u);
  put("b.scan", "three");
  use_inbox(rules, "?settle_ms=0&late_ms=1");
  ASSERT_EQ(next(patient()), GARITA_OK);
}

TEST_F(InboxTest, what_was_consumed_does_not_come_again_after_a_restart) {
  put("a", "1");
  use_inbox();
  ASSERT_EQ(next(), GARITA_OK);
  consume();
  EXPECT_EQ(notes(), (std::vector{std::pair(std::string("a"), Kind::scanned)}));
  restart(false);
  EXPECT_EQ(next(), GARITA_END);
  EXPECT_EQ(notes(), (std::vector{std::pair(std::string("a"), Kind::earlier)}));
}

TEST_F(InboxTest, what_is_done_but_not_durable_comes_again) {
  put("a", "1");
  use_inbox();
  ASSERT_EQ(next(), GARITA_OK);
  inbox->scan_begun(object.handle);
  ASSERT_TRUE(inbox->done(object.handle).ok());
  ASSERT_TRUE(inbox->settle());
  inbox->scan_lost(object.handle);
  restart(true);
  EXPECT_EQ(next(), GARITA_OK);
}

TEST_F(InboxTest, a_rejected_object_is_refused_with_its_reason_and_never_comes_again) {
  put("a", "1");
  use_inbox();
  ASSERT_EQ(next(), GARITA_OK);
  ASSERT_TRUE(inbox->reject(object.handle, GARITA_DATA_CORRUPT, "no header").ok());
  const auto notes = inbox->take_notes();
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].error.status, GARITA_DATA_CORRUPT);
  EXPECT_NE(base::render(notes[0].error, base::Language::en).find("no header"), std::string::npos);
  restart(false);
  EXPECT_EQ(next(), GARITA_END);
}

TEST_F(InboxTest, an_object_that_three_attempts_died_on_is_refused_here) {
  put("a", "1");
  use_inbox();
  for (int attempt = 0; attempt < 3; ++attempt) {
    ASSERT_EQ(next(), GARITA_OK) << attempt;
    restart(true);
  }
  EXPECT_EQ(next(), GARITA_END);
  EXPECT_EQ(notes(), (std::vector{std::pair(std::string("a"), Kind::refused)}));
}

TEST_F(InboxTest, an_object_given_back_in_good_order_counts_no_attempt) {
  put("a", "1");
  use_inbox();
  for (int attempt = 0; attempt < 5; ++attempt) {
    ASSERT_EQ(next(), GARITA_OK) << attempt;
    restart(false);
  }
}

TEST_F(InboxTest, the_same_bytes_under_another_name_share_one_fate) {
  put("a", "same");
  put("b", "same");
  use_inbox({.until_empty = true});
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(next(), GARITA_END);
  consume();
  const auto said = notes();
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0].second, Kind::scanned);
  EXPECT_EQ(said[1].second, Kind::repeated);
}

TEST_F(InboxTest, done_move_moves_what_is_consumed_and_nothing_else_changes_the_folder) {
  put("good", "1");
  put("worse", "2");
  use_inbox({}, "?settle_ms=0&done=move");
  ASSERT_EQ(next(), GARITA_OK);
  const std::string first = object.name;
  consume();
  ASSERT_EQ(next(), GARITA_OK);
  ASSERT_TRUE(inbox->reject(object.handle, GARITA_DATA_CORRUPT, "bad").ok());
  EXPECT_TRUE(std::filesystem::exists(folder / "done" / first));
  EXPECT_TRUE(std::filesystem::exists(folder / "refused" / object.name));
}

TEST_F(InboxTest, waiting_on_it_among_streams_finds_it_ready) {
  use_inbox();
  EXPECT_EQ(wait({id}, soon()), GARITA_TIMEOUT);
  put("a", "1");
  EXPECT_EQ(wait({id}, patient()), GARITA_OK);
  EXPECT_EQ(ready, 1u);
  EXPECT_GT(oldest[0], 0u);
}

TEST_F(InboxTest, a_folder_that_is_not_there_and_a_wrong_option_are_named) {
  for (const std::string text : {"dir:/nowhere/at/all", "dir:/tmp?settle_ms=x", "dir:/tmp?done=delete", "dir:/tmp?no=1"}) {
    const auto opened = Inbox::open(Address::parse(text).value(), {}, Journal::in_memory(), base::system_clock());
    ASSERT_FALSE(opened) << text;
    EXPECT_EQ(opened.error().outcome, base::Outcome::usage) << text;
  }
}

}  // namespace
}  // namespace garita::broker
