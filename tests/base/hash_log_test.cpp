#include "core/base/hash_log.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/testing/faulty_files.hpp"
#include "core/base/testing/temporary_folder.hpp"

namespace garita::base {
namespace {

using testing::FaultyFileSystem;
using testing::FileCall;

class HashLogTest : public ::testing::Test {
 protected:
  void write_entries(int count) {
    auto log = HashLog::open(path_, clock_);
    ASSERT_TRUE(log.ok());
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(
          log->append("decision.admitted", R"({"driver":"portal","lane":)" + std::to_string(i) + "}").ok());
      clock_.advance(1'500'000'000);
    }
  }
  std::string content() const { return *read_text_file(path_, 1 << 24); }
  void replace(std::string_view content) const { std::ofstream(path_, std::ios::trunc) << content; }
  std::vector<std::string> lines() const {
    std::ifstream file(path_);
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);) out.push_back(line);
    return out;
  }
  std::string broken_line() const {
    const auto summary = verify_log(path_);
    return summary.ok() ? "none" : std::string(summary.error().field("line"));
  }

  const testing::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "audit.jsonl";
  ManualClock clock_{1'772'368'496'000'000'000};
  FaultyFileSystem faulty_;
};

TEST_F(HashLogTest, line_is_the_json_that_the_format_draws) {
  write_entries(2);
  const auto second = nlohmann::json::parse(lines()[1]);
  EXPECT_EQ(second["sequence"], 2);
  EXPECT_EQ(second["utc"], "2026-03-01T12:34:57.500Z");
  EXPECT_EQ(second["kind"], "decision.admitted");
  EXPECT_EQ(second["payload"]["lane"], 1);
  EXPECT_EQ(second["previous"], nlohmann::json::parse(lines()[0])["hash"]);
  const std::string body = lines()[1].substr(0, lines()[1].find(R"(,"hash":)"));
  EXPECT_EQ(second["hash"], to_text(sha256(body)));
}

TEST_F(HashLogTest, whole_log_verifies_with_head_and_root) {
  write_entries(5);
  const auto summary = verify_log(path_);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->entries, 5u);
  std::vector<Digest> leaves;
  for (const std::string& line : lines()) leaves.push_back(leaf_hash(line));
  EXPECT_EQ(summary->root, merkle_root(leaves));
  EXPECT_EQ(to_text(summary->head), nlohmann::json::parse(lines()[4])["hash"]);
}

TEST_F(HashLogTest, reopened_log_goes_on_where_it_was) {
  write_entries(3);
  write_entries(2);
  EXPECT_EQ(verify_log(path_)->entries, 5u);
  const auto log = HashLog::open(path_, clock_);
  EXPECT_EQ(log->size(), 5u);
  EXPECT_EQ(log->torn_bytes(), 0u);
  EXPECT_EQ(log->root(), verify_log(path_)->root);
}

TEST_F(HashLogTest, any_changed_byte_is_noticed_in_its_line) {
  write_entries(3);
  const std::string good = content();
  uint64_t line = 1;
  for (size_t i = 0; i + 1 < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << i % 8));
    replace(bad);
    ASSERT_EQ(broken_line(), std::to_string(line)) << "byte " << i;
    line += good[i] == '\n';
  }
}

TEST_F(HashLogTest, removed_swapped_or_doubled_line_is_noticed) {
  write_entries(4);
  const auto all = lines();
  const auto put = [&](std::initializer_list<int> order) {
    std::string text;
    for (const int i : order) text += all[static_cast<size_t>(i)] + "\n";
    replace(text);
  };
  put({0, 2, 3});
  EXPECT_EQ(broken_line(), "2");
  put({0, 2, 1, 3});
  EXPECT_EQ(broken_line(), "2");
  put({0, 1, 1, 2, 3});
  EXPECT_EQ(broken_line(), "3");
  put({1, 2, 3});
  EXPECT_EQ(broken_line(), "1");
}

// The chain cannot: only somebody who kept head() or root() elsewhere can.
TEST_F(HashLogTest, missing_last_line_shows_in_head_and_root_only) {
  write_entries(4);
  const auto whole = verify_log(path_);
  replace(content().substr(0, content().rfind('\n', content().size() - 2) + 1));
  const auto cut = verify_log(path_);
  ASSERT_TRUE(cut.ok());
  EXPECT_NE(cut->head, whole->head);
  EXPECT_NE(cut->root, whole->root);
}

TEST_F(HashLogTest, line_with_right_hash_but_other_form_is_refused) {
  write_entries(1);
  const std::string zeros(64, '0');
  const std::string start = R"({"sequence":1,"utc":"2026-03-01T12:34:56Z","kind":"a","payload":)";
  for (const std::string& body :
       {start + R"({"a":1,"a":2},"previous":")" + zeros + '"',
        start + R"({},"kind":"b","previous":")" + zeros + '"',
        start + R"({},"extra":1,"previous":")" + zeros + '"', start + R"([],"previous":")" + zeros + '"',
        R"({"sequence":1, "utc":"2026-03-01T12:34:56Z","kind":"a","payload":{},"previous":")" + zeros + '"',
        R"({"sequence":1,"utc":"2026-03-01T12:34:56.000Z","kind":"a","payload":{},"previous":")" + zeros +
            '"',
        R"({"sequence":2,"utc":"2026-03-01T12:34:56Z","kind":"a","payload":{},"previous":")" + zeros + '"'}) {
    replace(body + R"(,"hash":")" + to_text(sha256(body)) + "\"}\n");
    EXPECT_EQ(broken_line(), "1") << body;
  }
  const std::string good = start + R"({},"previous":")" + zeros + '"';
  replace(good + R"(,"hash":")" + to_text(sha256(good)) + "\"}\n");
  EXPECT_EQ(broken_line(), "none");
}

TEST_F(HashLogTest, log_torn_at_any_byte_of_its_last_line_is_cut_and_says_so) {
  write_entries(3);
  const std::string good = content();
  const size_t last = good.rfind('\n', good.size() - 2) + 1;
  for (size_t size = last + 1; size < good.size(); ++size) {
    replace(good.substr(0, size));
    ASSERT_EQ(verify_log(path_)->torn_bytes, size - last);
    const auto log = HashLog::open(path_, clock_);
    ASSERT_TRUE(log.ok()) << size;
    ASSERT_EQ(log->torn_bytes(), size - last);
    ASSERT_EQ(log->size(), 3u);
    const auto said = nlohmann::json::parse(lines()[2]);
    ASSERT_EQ(said["kind"], "log.tail_cut");
    ASSERT_EQ(said["payload"]["bytes"], size - last);
    ASSERT_EQ(said["payload"]["sha256"], to_text(sha256(good.substr(last, size - last))));
    ASSERT_EQ(broken_line(), "none");
  }
}

TEST_F(HashLogTest, broken_log_is_not_opened_for_writing) {
  write_entries(3);
  std::string bad = content();
  bad[bad.find("portal")] = 'P';
  replace(bad);
  EXPECT_EQ(HashLog::open(path_, clock_).error().id, "base.log_broken");
  EXPECT_EQ(content(), bad);
}

TEST_F(HashLogTest, endless_line_is_refused_in_bounded_memory) {
  write_entries(1);
  replace(content() + std::string(3 * max_log_line_bytes, 'x'));
  EXPECT_EQ(broken_line(), "2");
}

TEST_F(HashLogTest, second_writer_is_refused) {
  const auto log = HashLog::open(path_, clock_);
  ASSERT_TRUE(log.ok());
  EXPECT_EQ(HashLog::open(path_, clock_).error().id, "base.file_locked");
}

TEST_F(HashLogTest, payload_that_is_no_single_object_is_refused) {
  auto log = HashLog::open(path_, clock_).value();
  for (const std::string& bad :
       {std::string(""), std::string("1"), std::string("[]"), std::string("{"), std::string("{}{}"),
        std::string(R"({"a":1,"a":2})"), std::string("{\n}"), std::string("{\"a\":\"\xFF\"}"),
        R"({"a":")" + std::string(max_log_line_bytes, 'x') + "\"}"}) {
    EXPECT_EQ(log.append("kind", bad).error().id, "base.log_payload");
  }
  for (const char* kind : {"", "Kind", "a b", "a\"b", "a\nb"}) EXPECT_FALSE(log.append(kind, "{}").ok());
  EXPECT_TRUE(log.append("kind", "{}").ok());
  EXPECT_EQ(verify_log(path_)->entries, 1u);
}

TEST_F(HashLogTest, append_that_fails_leaves_the_log_as_it_was) {
  write_entries(2);
  for (const FileCall call : {FileCall::append, FileCall::sync}) {
    auto log = HashLog::open(path_, clock_, faulty_).value();
    const std::string before = content();
    faulty_.fail({.call = call, .partial_bytes = 30});
    EXPECT_EQ(log.append("kind", "{}").error().id, "base.disk_full");
    EXPECT_EQ(content(), before);
    EXPECT_TRUE(log.append("kind", "{}").ok());
    EXPECT_EQ(broken_line(), "none");
  }
  EXPECT_EQ(verify_log(path_)->entries, 4u);
}

TEST_F(HashLogTest, log_that_cannot_be_mended_takes_nothing_more) {
  auto log = HashLog::open(path_, clock_, faulty_).value();
  faulty_.fail({.call = FileCall::sync, .for_good = true});
  EXPECT_EQ(log.append("kind", "{}").error().id, "base.disk_full");
  faulty_.heal();
  EXPECT_EQ(log.append("kind", "{}").error().id, "base.log_stopped");
}

TEST_F(HashLogTest, empty_log_has_the_root_of_nothing) {
  write_entries(0);
  EXPECT_EQ(verify_log(path_)->entries, 0u);
  EXPECT_EQ(verify_log(path_)->head, Digest{});
  EXPECT_EQ(verify_log(path_)->root, sha256(""));
}

}  // namespace
}  // namespace garita::base
