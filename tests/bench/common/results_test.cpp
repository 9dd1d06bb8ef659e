#include "tests/bench/common/results.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace garita::bench {
namespace {

class Results : public ::testing::Test {
 protected:
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("garita-results-" + std::to_string(getpid()) + ".json");
  void TearDown() override { std::filesystem::remove(path); }
  void write(const std::string& text) { std::ofstream(path) << text; }
  nlohmann::json read() { return nlohmann::json::parse(std::ifstream(path)); }
};

TEST_F(Results, file_that_is_not_there_is_made) {
  ASSERT_TRUE(merge_rows(path, {rate_ratio("a.b", 5, 12, 2)}));
  const auto row = read().at(0);
  EXPECT_EQ(row["value"], 6);
  EXPECT_EQ(row["met"], true);
  EXPECT_EQ(row["direction"], ">=");
}

TEST_F(Results, rows_of_other_programs_stay_and_own_rows_are_replaced_in_place) {
  write(R"([{"name":"x","value":1},{"name":"a.b","value":2},{"name":"y"}])");
  ASSERT_TRUE(merge_rows(path, {rate_ratio("a.b", 5, 1, 2), rate_ratio("new", 1, 1, 1)}));
  const auto rows = read();
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0]["value"], 1);
  EXPECT_EQ(rows[1]["value"], 0.5);
  EXPECT_EQ(rows[1]["met"], false);
  EXPECT_EQ(rows[3]["name"], "new");
}

TEST_F(Results, row_without_a_peer_says_so) {
  ASSERT_TRUE(merge_rows(path, {{"n", 3, "ms", 4, Direction::at_most, 3, {}}}));
  EXPECT_TRUE(read()[0]["peer"].is_null());
  EXPECT_EQ(read()[0]["met"], true);
}

TEST_F(Results, file_that_is_no_array_is_left_alone) {
  write("{ torn");
  EXPECT_FALSE(merge_rows(path, {rate_ratio("a", 1, 1, 1)}));
  std::string text;
  std::getline(std::ifstream(path), text);
  EXPECT_EQ(text, "{ torn");
}

}  // namespace
}  // namespace garita::bench
