// One connection of a host to the simulated portal.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <vector>

#include "tools/garita-sim/portal_server.hpp"

namespace garita::sim {

class PortalConnection {
 public:
  PortalConnection(boost::asio::ip::tcp::socket socket, PortalSource& source, const PortalOptions& options,
                   const Report& report, Ledger& ledger);

  // Talks until all scans wanted are acknowledged or the host is gone; ledger tells which. Errors: of the
  // source alone.
  base::Result<void> serve();

 private:
  using Clock = std::chrono::steady_clock;

  bool all_acknowledged() const { return options_.count > 0 && ledger_.acknowledged >= options_.count; }
  bool more_to_begin() const { return options_.count == 0 || ledger_.begun < options_.count; }
  bool greet();
  Pending next_scan();
  base::Result<void> send_scan(Pending scan);
  int64_t begin_time(uint64_t number, uint32_t lines);
  int64_t line_period_ns() const;
  void send_calibration();
  void send_begin(const Pending& scan, const Passage& passage);
  bool send_lines(const Pending& scan, Passage& passage);
  void idle_until(Clock::time_point moment);
  void good_bye();

  void send(const portal::Message& message);
  void flush();
  void listen_for(Clock::duration longest);  // takes what came; waits for it at most that long
  void take(const portal::Message& message);
  void settle(const portal::Acknowledge& message);

  boost::asio::ip::tcp::socket socket_;
  PortalSource& source_;
  const PortalOptions& options_;
  const Report& report_;
  Ledger& ledger_;
  portal::FrameWriter frames_;
  std::vector<std::byte> outgoing_, incoming_;
  std::deque<Pending> again_;  // of earlier connections, to be sent first
  bool started_ = false;
  bool alive_ = true;    // false: there is nobody to send to
  bool closed_ = false;  // nothing will come any more
};

}  // namespace garita::sim
