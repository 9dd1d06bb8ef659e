#include "core/freshness/history.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "core/base/testing/temporary_folder.hpp"

namespace garita::freshness {
namespace {

namespace fs = std::filesystem;

class Remembered : public ::testing::Test {
 protected:
  void add(const History& history, int number) {
    ASSERT_TRUE(
        history
            .add(
                {.scan_key = std::to_string(number), .key_digits = {}, .root = {}, .utc_ns = 0, .planes = {}})
            .ok());
  }
  static std::string keys(const History& history) {
    std::string all;
    for (const ScanPrint& print : history.load()) all += (all.empty() ? "" : " ") + print.scan_key;
    return all;
  }

  base::testing::TemporaryFolder folder_;
};

TEST_F(Remembered, scans_are_there_again_after_a_restart_oldest_first) {
  for (int i = 1; i <= 3; ++i) add(History(folder_ / "state", "lane 1"), i);
  EXPECT_EQ(keys(History(folder_ / "state", "lane 1")), "1 2 3");
}

TEST_F(Remembered, devices_do_not_see_each_others_scans) {
  add(History(folder_ / "state", "lane 1"), 1);
  EXPECT_EQ(keys(History(folder_ / "state", "lane 2")), "");
}

TEST_F(Remembered, scans_are_the_last_ones_however_many_came) {
  const History history(folder_ / "state", "lane 1");
  for (int i = 1; i <= 40; ++i) add(history, i);
  const auto prints = history.load();
  ASSERT_EQ(prints.size(), max_history);
  EXPECT_EQ(prints.front().scan_key, "9");
  EXPECT_EQ(prints.back().scan_key, "40");
  EXPECT_LE(std::distance(fs::directory_iterator(history.folder()), fs::directory_iterator()),
            static_cast<long>(max_history));
}

TEST_F(Remembered, a_print_that_was_torn_is_left_out_and_the_others_stay) {
  const History history(folder_ / "state", "lane 1");
  for (int i = 1; i <= 3; ++i) add(history, i);
  fs::resize_file(history.folder() / "000000000002.print", 20);
  std::ofstream(history.folder() / "next.part") << "what a kill left";
  EXPECT_EQ(keys(history), "1 3");
  add(history, 4);
  EXPECT_EQ(keys(history), "1 3 4");
}

TEST_F(Remembered, what_cannot_be_written_is_an_error_and_harms_nothing) {
  std::ofstream(folder_ / "state") << "a file where the folder should be";
  const History history(folder_ / "state", "lane 1");
  EXPECT_FALSE(history.add({}).ok());
  EXPECT_TRUE(history.load().empty());
}

}  // namespace
}  // namespace garita::freshness
