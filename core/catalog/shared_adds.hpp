// What many lanes have to add at the same moment goes into one transaction: who comes while one is under way
// waits, and of those that wait one takes them all. A lane alone notices nothing. Private to core/catalog.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/catalog/entry.hpp"

namespace garita::catalog {

class SharedAdds {
 public:
  // In one transaction: all, or an error and none.
  using AddAll = std::function<base::Result<void>(std::span<const Entry* const>)>;
  SharedAdds(std::string database, AddAll add_all)
      : database_(std::move(database)), add_all_(std::move(add_all)) {}

  // When it returns the entry is in, or not: where a transaction of several does not hold for what one of
  // them is, each gets one. Where nobody could be added (the database is busy, or damaged) none is tried
  // again: a wait for each would add up. Any thread.
  base::Result<void> add(const Entry& entry) {
    Waiting own{&entry, {}, false};
    std::unique_lock lock(mutex_);
    waiting_.push_back(&own);
    while (!own.done) {
      if (busy_)
        changed_.wait(lock);
      else
        take_turn(lock);
    }
    return std::move(own.result);
  }

 private:
  static constexpr size_t most_together = 256;

  struct Waiting {
    const Entry* entry;
    base::Result<void> result;
    bool done;
  };

  void take_turn(std::unique_lock<std::mutex>& lock) {
    std::vector<Waiting*> taken;
    for (; !waiting_.empty() && taken.size() < most_together; waiting_.pop_front())
      taken.push_back(waiting_.front());
    busy_ = true;
    lock.unlock();
    add_taken(taken);
    lock.lock();
    busy_ = false;
    for (Waiting* each : taken) each->done = true;
    changed_.notify_all();
  }

  // Whoever waits must be told, so nothing is thrown past them.
  base::Result<void> add_now(std::span<const Entry* const> entries) const {
    try {
      return add_all_(entries);
    } catch (const std::exception& thrown) {
      return base::Error{
          base::Outcome::not_loaded, "catalog.failed", {{"path", database_}, {"reason", thrown.what()}}};
    }
  }

  void add_taken(std::span<Waiting* const> taken) {
    std::vector<const Entry*> entries;
    for (const Waiting* each : taken) entries.push_back(each->entry);
    const auto together = add_now(entries);
    if (together) return;
    const bool for_all = taken.size() == 1 || together.error().id != "catalog.failed";
    for (size_t i = 0; i < taken.size(); ++i)
      taken[i]->result = for_all ? together : add_now(std::span(&entries[i], 1));
  }

  const std::string database_;  // named in errors
  const AddAll add_all_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> waiting_;
  bool busy_ = false;  // somebody's transaction is under way
};

}  // namespace garita::catalog
