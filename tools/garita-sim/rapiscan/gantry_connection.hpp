// The gantry's end of both wires: one host at a time, control over TCP, lines over UDP.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <deque>
#include <vector>

#include "tools/garita-sim/rapiscan/gantry_source.hpp"
#include "tools/garita-sim/listener.hpp"
#include "tools/garita-sim/report.hpp"

namespace garita::sim {

// What goes wrong with line datagrams: shares of them, and moments that come once.
struct GantryFaults {
  double lose = 0, twice = 0, order = 0, flip = 0;
  uint64_t drop = 0;  // > 0: the connection breaks before this line datagram, counted over all scans

  // "lose:0.01,order:0.05". Errors: sim.bad_gantry_fault {given}.
  static base::Result<GantryFaults> parse(const std::string& text);
};

struct GantryServerOptions {
  Endpoint endpoint;
  std::filesystem::path port_file;
  std::string serial = "RG64-00000";
  uint64_t count = 0;  // ends when as many scans were sent whole; 0: never
  uint32_t interval_ms = 0;
  double rate_per_h = 0, lines_per_s = 0;  // 0: as fast as the host takes them
  GantryFaults faults;
};

// What the gantry remembers from one connection to the next.
struct GantryLedger {
  uint64_t begun = 0, sent = 0;
  uint32_t boots = 0, sessions = 0;
  uint32_t sequence = 0xFFFFFFFFu - 99, pulse = 0xFFFFFFFFu - 199;  // both wrap in the first scan
  uint64_t datagrams = 0;
  bool dropped = false;
  Random chance{1, 77};
};

class GantryConnection {
 public:
  GantryConnection(boost::asio::ip::tcp::socket control, boost::asio::ip::udp::socket& lines,
                   GantrySource& source, const GantryServerOptions& options, const Report& report,
                   GantryLedger& ledger);

  // Talks until all scans wanted are sent or the host is gone. Errors: of the source alone.
  base::Result<void> serve();

 private:
  using Clock = std::chrono::steady_clock;

  bool more() const { return options_.count == 0 || ledger_.sent < options_.count; }
  bool greet();
  void say_status(uint8_t state);
  base::Result<void> send_scan();
  bool send_lines(GantryPassage& passage, const rapiscan::ScanStart& start, std::vector<uint32_t>& lost);
  void send_line(const rapiscan::Line& line, std::span<const uint16_t> samples, uint32_t number,
                 std::vector<uint32_t>& lost);
  void put(std::vector<std::byte> datagram);
  void put_held(bool all);
  void wait_for_host(uint32_t sequence);
  void idle_until(Clock::time_point moment);
  void good_bye();

  void send(const rapiscan::Message& message);
  void listen_for(Clock::duration longest);  // takes what came on either wire; waits for it at most that long
  void take_control();
  void take_datagram();

  boost::asio::ip::tcp::socket control_;
  boost::asio::ip::udp::socket& lines_;
  GantrySource& source_;
  const GantryServerOptions& options_;
  const Report& report_;
  GantryLedger& ledger_;
  rapiscan::FrameWriter frames_;
  std::vector<std::byte> incoming_;
  std::optional<boost::asio::ip::udp::endpoint> to_;  // where lines go
  struct Held {
    uint32_t overtaken_by;  // datagrams yet
    std::vector<std::byte> bytes;
  };
  std::deque<Held> held_;
  uint32_t session_ = 0, heard_ = 0;  // the last sequence that the host has told of
  bool armed_ = false, alive_ = true, closed_ = false;
};

// Listens on one port for both, says so, and serves one connection after the other until count scans are
// sent. Blocks. Errors: sim.cannot_listen {address, reason}, and those of the source.
base::Result<void> serve_gantry(GantrySource& source, const GantryServerOptions& options,
                                const Report& report);

}  // namespace garita::sim
