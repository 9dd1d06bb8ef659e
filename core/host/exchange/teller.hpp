// What is wrong while an exchange runs: told once to who listens, and written down for `garita exchange
// status`, until it is over.
//
//   FOLDER/troubles.json     [{"where", "since": utc ns, "id", "fields": {name: value}, "count"}, …]
//
// It tells the last word of the exchange that runs, or of one that was killed; an exchange begins and ends
// with none.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "core/host/exchange/exchange_run.hpp"

namespace garita::host {

inline constexpr size_t max_troubles = 200;

struct Trouble {
  std::string where;  // a peer, "inbox", or a file
  base::Error error;
  int64_t since_utc_ns = 0;
  uint64_t count = 1;  // of messages that were not taken
};

// Of FOLDER/troubles.json; empty where there is none, or none that can be read.
std::vector<Trouble> troubles_of(const std::filesystem::path& folder);

// Any thread.
class Teller {
 public:
  // Both outlive it.
  Teller(ExchangeObserver& observer, const std::filesystem::path& folder);
  ~Teller();
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  template <typename Tell>
  void tell(Tell act) {
    const std::lock_guard lock(mutex_);
    act(observer_);
  }
  // Once, until it is over.
  void trouble(const std::string& where, const base::Error& error);
  void over(const std::string& where);
  // A message that was not taken. Whoever sends them may send many: told of the first and of each tenfold.
  void refused(const std::string& where, const base::Error& error);

 private:
  using Key = std::pair<std::string, std::string>;  // where, id
  void write_down() const;

  std::mutex mutex_;
  ExchangeObserver& observer_;
  const std::filesystem::path file_;
  std::map<Key, Trouble> standing_, refused_;
};

}  // namespace garita::host
