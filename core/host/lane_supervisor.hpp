// What becomes of a lane whose driver fails: when its worker is started again, and when that ends.
//
//                 opened                     died
//    starting ──────────────> running ─────────────────┐
//       ^  │                     │ breach              v
//       │  └─────────┐           ├──────────> quarantined        for good: a person releases it
//       │ pause over │ died      │
//       └───────────────── restarting ──────> failed             for good: too many deaths in a row, or in
//                                                                a time (a storm)
//    from starting, running, restarting: stop ──────> stopped    for good
//
// A policy without a thread, a process or a clock of its own: what it decides depends on what it is told. Each lane
// has one, and shares nothing with any other. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace garita::host {

enum class LaneState : uint8_t { starting, running, restarting, quarantined, stopped, failed };
const char* name_of(LaneState state);  // "running"

struct RestartPolicy {
  uint32_t most_in_a_row = 5;          // deaths without a whole scan in between; the next one ends it. 0: no restart at all
  uint64_t calm_ms = 60'000;           // who lived so long starts to count anew: at a quiet lane no scan comes for hours
  uint32_t storm_deaths = 20;          // so many deaths …
  uint64_t storm_ms = 600'000;         // … within so long end it, whatever was whole in between
  uint64_t first_pause_ms = 100;       // doubles with each death in a row …
  uint64_t longest_pause_ms = 30'000;  // … to this at most
};

class LaneSupervisor {
 public:
  // A number from 0 up to 1, for the jitter: lanes that died together must not all start together again.
  using Chance = std::function<double()>;

  // clock outlives it. driver: named in errors.
  LaneSupervisor(std::string driver, RestartPolicy policy, const base::Clock& clock, Chance chance = system_chance());
  static Chance system_chance();

  LaneState state() const { return state_; }
  uint64_t deaths() const { return deaths_; }  // in all

  void opened();       // starting -> running
  void went_well();    // a whole scan, or a file that was settled: deaths in a row count from zero again
  void breached();     // -> quarantined
  void stop();         // -> stopped, unless it ended already

  // A worker died or could not be started. How long to wait, in ns, before it is started again: half of the doubled pause,
  // and of the other half what chance says. Else the lane has failed:
  //   isolate.gave_up {driver, restarts}             too many in a row
  //   isolate.restart_storm {driver, deaths, seconds}
  base::Result<uint64_t> died();
  void pause_over();   // restarting -> starting

 private:
  uint64_t pause_ns();

  const std::string driver_;
  const RestartPolicy policy_;
  const base::Clock& clock_;
  const Chance chance_;
  LaneState state_ = LaneState::starting;
  uint32_t in_a_row_ = 0;
  uint64_t deaths_ = 0;
  std::optional<uint64_t> opened_ns_;  // of the life that goes on
  std::deque<uint64_t> recent_ns_;  // of deaths, at most storm_deaths
};

}  // namespace garita::host
