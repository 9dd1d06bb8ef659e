// Two sites on one real way, in one thread, until all is signed for or nothing moves for long.
#pragma once

#include <signal.h>

#include <chrono>

#include "tests/exchange/sites.hpp"

namespace garita::exchange::testing {

class OnAWay : public ::testing::Test {
 protected:
  OnAWay() { ::signal(SIGPIPE, SIG_IGN); }

  void put(size_t count, size_t size, const std::string& salt = "") {
    for (size_t i = 0; i < count; ++i) {
      const std::string bytes = bytes_of(seed_of_run() + std::hash<std::string>()(salt) + i, size);
      mx_.put(salt + std::to_string(i), bytes, Priority::rest, i % 2 ? "north" : "south");
      ledger_.sent(bytes);
    }
  }
  // False where nothing came for a minute.
  bool settle() {
    using std::chrono::steady_clock;
    auto moved = steady_clock::now();
    size_t before = mx_.waiting();
    while (before > 0) {
      between_turns();
      (void)mx_.courier->turn(2);
      (void)us_.courier->turn(2);
      const size_t now = mx_.waiting();
      if (now != before || us_.courier->counts().chunks_taken != taken_) moved = steady_clock::now();
      taken_ = us_.courier->counts().chunks_taken;
      before = now;
      if (steady_clock::now() - moved > std::chrono::minutes(1)) return false;
    }
    return true;
  }
  virtual void between_turns() {}

  static CourierOptions quick() { return {.peer = "", .resend_ms = 200, .longest_ms = 1'000}; }

  base::testing::TemporaryFolder folder_;
  Site mx_{"mx", "us", folder_.path(), base::system_clock()},
      us_{"us", "mx", folder_.path(), base::system_clock()};
  Ledger ledger_;

 private:
  uint64_t taken_ = 0;
};

}  // namespace garita::exchange::testing
