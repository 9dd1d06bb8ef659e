// Lanes that add at the same moment share a transaction, and none pays for another's mistake.
#include "core/catalog/shared_adds.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <list>
#include <new>
#include <thread>

namespace garita::catalog {
namespace {

class SharedAddsTest : public ::testing::Test {
 protected:
  // The first transaction lasts until `others` wait behind it; so all of them come into the second.
  base::Result<void> add_all(std::span<const Entry* const> entries) {
    sizes_.push_back(entries.size());
    if (sizes_.size() == 1) begun_.set_value(), go_on_.get_future().wait();
    for (const Entry* entry : entries)
      if (entry->lane == "bad") return base::Error{base::Outcome::no, "catalog.failed", {}};
    for (const Entry* entry : entries)
      if (entry->lane == "throws") throw std::bad_alloc();
    for (const Entry* entry : entries)
      if (entry->lane == "busy") return base::Error{base::Outcome::no, "catalog.busy", {}};
    for (const Entry* entry : entries) added_.push_back(entry->lane);
    return {};
  }

  // What became of each: the first alone, then the others at the same moment.
  std::vector<bool> add(const std::vector<std::string>& lanes) {
    std::list<Entry> entries;
    std::vector<std::future<bool>> results;
    const auto begin = [&](const std::string& lane) {
      entries.emplace_back().lane = lane;
      results.push_back(std::async(std::launch::async, [this, &entry = entries.back()] {
        ++started_;
        return shared_.add(entry).ok();
      }));
    };
    begin(lanes.front());
    begun_.get_future().wait();
    for (size_t i = 1; i < lanes.size(); ++i) begin(lanes[i]);
    while (started_ < lanes.size()) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the last of them is on its way to the lock
    go_on_.set_value();
    std::vector<bool> well;
    for (auto& each : results) well.push_back(each.get());
    return well;
  }

  std::promise<void> begun_, go_on_;
  std::atomic<size_t> started_ = 0;
  std::vector<size_t> sizes_;  // of the transactions
  std::vector<std::string> added_;
  SharedAdds shared_{"catalog.db",
                     [this](std::span<const Entry* const> entries) { return add_all(entries); }};
};

TEST_F(SharedAddsTest, who_comes_while_one_is_under_way_shares_the_next) {
  EXPECT_EQ(add({"1", "2", "3", "4", "5"}), std::vector<bool>(5, true));
  EXPECT_EQ(added_.size(), 5u);
  EXPECT_LT(sizes_.size(), 5u);
}

TEST_F(SharedAddsTest, one_that_cannot_be_added_takes_none_with_it) {
  EXPECT_EQ(add({"1", "2", "bad", "4"}), (std::vector<bool>{true, true, false, true}));
  EXPECT_EQ(added_.size(), 3u);
}

TEST_F(SharedAddsTest, one_that_throws_leaves_nobody_waiting) {
  EXPECT_EQ(add({"1", "2", "throws", "4"}), (std::vector<bool>{true, true, false, true}));
}

TEST_F(SharedAddsTest, a_database_that_is_busy_is_waited_for_once_and_not_by_each) {
  EXPECT_EQ(add({"busy", "busy", "busy", "busy"}), std::vector<bool>(4, false));
  EXPECT_LT(sizes_.size(), 4u);
}

}  // namespace
}  // namespace garita::catalog
