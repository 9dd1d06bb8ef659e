// The machine's end of the wire: connections come and go, bags stay until they are done.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/garita-sim/astrophysics/tale.hpp"
#include "tools/garita-sim/nuctech/fault.hpp"
#include "tools/garita-sim/listener.hpp"
#include "tools/garita-sim/report.hpp"

namespace garita::sim {

struct CabinetOptions {
  Endpoint endpoint;
  std::filesystem::path port_file, truth;  // may be empty
  std::string scene = "bag";
  uint64_t seed = 1, count = 0;  // ends when as many bags are done; 0: never
  double bags_per_h = 0;         // 0: as fast as the host takes them
  std::vector<uint8_t> marks;    // codes that are found in every bag, wherever
  Fault fault;
};

// A bag that was begun and is not done: sent again, as it was, at the next RUN.
struct WaitingBag {
  uint64_t number = 0;
  std::string key;
  int64_t begun_us = 0;  // by the machine's clock; 0: not yet
};

// What the machine remembers from one connection to the next.
struct BagLedger {
  explicit BagLedger(Fault fault) : saboteur(fault) {}

  std::deque<WaitingBag> waiting;  // oldest first
  std::string run;                 // when it was switched on: part of every key
  uint64_t begun = 0, done = 0;
  BeltCount belt;
  Saboteur saboteur;
};

// One connection of a host.
class CabinetConnection {
 public:
  CabinetConnection(boost::asio::ip::tcp::socket socket, const Model& model, const CabinetOptions& options,
                    const Report& report, BagLedger& ledger);

  // Talks until all bags wanted are done or the host is gone; ledger tells which. Errors:
  // sim.cannot_write_truth.
  base::Result<void> serve();

 private:
  using SteadyClock = std::chrono::steady_clock;

  bool all_done() const { return options_.count > 0 && ledger_.done >= options_.count; }
  bool more_to_begin() const { return options_.count == 0 || ledger_.begun < options_.count; }
  bool greet();
  WaitingBag next_bag();
  base::Result<void> send_bag(WaitingBag bag);
  int64_t begin(const WaitingBag& bag, int64_t duration_us);
  int64_t device_us() const;
  void idle_until(SteadyClock::time_point moment);
  void good_bye();

  bool send(const astrophysics::Message& message);
  void flush();
  void listen_for(SteadyClock::duration longest);  // takes what came; waits for it at most that long
  void take(const astrophysics::Message& message);

  boost::asio::ip::tcp::socket socket_;
  const Model& model_;
  const CabinetOptions& options_;
  const Report& report_;
  BagLedger& ledger_;
  astrophysics::FrameWriter frames_;
  std::vector<std::byte> outgoing_, incoming_;
  std::deque<WaitingBag> again_;  // of earlier connections, to be sent first
  bool running_ = false;          // the host said RUN
  bool alive_ = true;             // false: there is nobody to send to
  bool closed_ = false;           // nothing will come any more
};

// Listens, says so (event "listening"), serves one connection after the other until count bags are done.
// Blocks. Errors: sim.cannot_listen {address, reason}, sim.cannot_write_truth.
base::Result<void> serve_cabinet(const Model& model, const CabinetOptions& options, const Report& report);

}  // namespace garita::sim
