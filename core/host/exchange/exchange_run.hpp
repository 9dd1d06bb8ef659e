// The exchange of a site while it runs: a line to each peer, somebody who opens what came, somebody who sends
// what the site scans, and metrics. Each on a thread of its own.
#pragma once

#include <atomic>
#include <functional>

#include "core/exchange/transport/courier.hpp"
#include "core/host/exchange/opening.hpp"

namespace garita::host {

struct ExchangeOptions {
  bool once = false;  // until nothing is to be done any more
  uint32_t wait_ms = 100;
  uint64_t resend_ms = 5'000;  // CourierOptions
  Opener::Examine examine;
};

// Called one at a time, from threads of the run.
class ExchangeObserver {
 public:
  virtual ~ExchangeObserver() = default;
  virtual void opened(const Handled& handled) = 0;
  virtual void sent(const std::string& peer, const exchange::Entry& entry) = 0;
  virtual void received(const std::string& peer, const exchange::Receipt& receipt) = 0;  // whole, on the disk
  // The same trouble is told once, until it is over. `where`: a peer, or a file.
  virtual void trouble(const std::string& where, const base::Error& error) = 0;
};

// Returns when `stop` is set or, of once, when nothing is to be done. Errors: of what has to be there to
// begin.
base::Result<void> run_exchange(const ExchangeConfig& config, const ExchangeOptions& options,
                                ExchangeObserver& observer, const std::atomic<bool>& stop);

}  // namespace garita::host
