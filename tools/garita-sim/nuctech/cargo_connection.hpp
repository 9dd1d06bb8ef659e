// One connection of a host to the simulated cargo portal.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <set>
#include <vector>

#include "tools/garita-sim/nuctech/cargo_server.hpp"

namespace garita::sim {

class CargoConnection {
 public:
  CargoConnection(boost::asio::ip::tcp::socket socket, CargoSource& source, const CargoServerOptions& options,
                  const Report& report, CargoLedger& ledger);

  // Talks until all scans wanted are acknowledged or the host is gone; ledger tells which. Errors: of the
  // source alone.
  base::Result<void> serve();

 private:
  using Clock = std::chrono::steady_clock;

  bool all_acknowledged() const { return options_.count > 0 && ledger_.acknowledged >= options_.count; }
  bool more_to_begin() const { return options_.count == 0 || ledger_.begun < options_.count; }
  int64_t clock_ms() const;
  bool greet();
  void say_status(uint8_t state);
  void wait_for_traffic();
  PendingCargo next_scan();
  void begin_shift(uint32_t shift);
  void send_calibration(uint32_t shift);
  base::Result<void> send_scan(PendingCargo scan);
  nuctech::ScanBegin begin_of(const PendingCargo& scan, const CargoPassage& passage) const;
  bool announce(const nuctech::ScanBegin& begin);
  bool send_blocks(const PendingCargo& scan, CargoPassage& passage);
  void idle_until(Clock::time_point moment);
  void good_bye();

  void send(const nuctech::Message& message);
  void flush();
  void listen_for(Clock::duration longest);  // takes what came; waits for it at most that long
  void take(const nuctech::Message& message);
  void settle(const nuctech::Stored& message);

  boost::asio::ip::tcp::socket socket_;
  CargoSource& source_;
  const CargoServerOptions& options_;
  const Report& report_;
  CargoLedger& ledger_;
  nuctech::FrameWriter frames_;
  std::vector<std::byte> outgoing_, incoming_;
  std::deque<PendingCargo> again_;  // of earlier connections, to be sent first
  std::set<std::string> retried_;   // keys
  std::string go_;                  // the key that the host wants to have
  Clock::time_point connected_ = Clock::now();
  const uint64_t begun_before_ = ledger_.begun;  // by earlier connections
  bool started_ = false;
  bool alive_ = true;    // false: there is nobody to send to
  bool closed_ = false;  // nothing will come any more
};

}  // namespace garita::sim
