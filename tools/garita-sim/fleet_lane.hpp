// One lane of a fleet: a portal that plays the tape, a vehicle every so often, and sends again what nobody
// acknowledged. Never waits: step() does what can be done now.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "tools/garita-sim/fleet_tape.hpp"

namespace garita::sim {

struct LanePace {
  std::chrono::nanoseconds period{};   // from one vehicle to the next
  std::chrono::nanoseconds passage{};  // that one takes
  uint64_t count = 0;                  // vehicles; 0: no end
};

class FleetLane {
 public:
  using Clock = std::chrono::steady_clock;

  // The first vehicle comes at `first`.
  FleetLane(std::string name, std::shared_ptr<const FleetTape> tape, LanePace pace, Clock::time_point first);
  FleetLane(FleetLane&& other) noexcept;
  ~FleetLane();

  base::Result<void> listen(const std::string& host);  // "sim.cannot_listen"
  uint16_t port() const { return port_; }
  const std::string& name() const { return name_; }

  void step(Clock::time_point now);
  void unplug();  // the connection breaks, wherever it is
  bool is_done() const { return pace_.count > 0 && acknowledged_ >= pace_.count; }

  uint64_t begun() const { return begun_; }
  uint64_t acknowledged() const { return acknowledged_; }
  uint64_t again() const { return again_count_; }  // scans sent more than once
  uint64_t sent_bytes() const { return sent_bytes_; }
  const std::vector<std::string>& keys() const { return keys_; }  // acknowledged ones

 private:
  struct Pending {
    std::string key;
    int64_t begun_utc_ns;
  };

  void accept();
  void receive();
  void take(const portal::Message& message);
  void begin_scan(const Pending& scan, Clock::time_point now);
  void go_on(Clock::time_point now);
  void flush();
  void put(const portal::Message& message);

  std::string name_;
  std::shared_ptr<const FleetTape> tape_;
  LanePace pace_;
  Clock::time_point next_, begun_at_, heard_;
  int listener_ = -1, socket_ = -1;
  uint16_t port_ = 0;
  bool started_ = false;  // the host has answered HELLO
  bool scanning_ = false;
  uint32_t line_ = 0, sequence_ = 0;  // next line of the scan, next frame of the connection
  std::vector<std::byte> outgoing_, incoming_;
  size_t out_at_ = 0;
  std::deque<Pending> pending_;  // begun, not acknowledged
  std::deque<Pending> again_;    // of them, to be sent once more
  uint64_t begun_ = 0, acknowledged_ = 0, again_count_ = 0, sent_bytes_ = 0;
  std::vector<std::string> keys_;
  std::string run_;
};

}  // namespace garita::sim
