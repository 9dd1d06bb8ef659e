#include "core/host/lane_supervisor.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <utility>

#include "garita/status.h"

namespace garita::host {
namespace {

constexpr uint64_t ms = 1'000'000;
constexpr uint32_t most_doublings = 32;

bool is_over(LaneState state) {
  return state == LaneState::quarantined || state == LaneState::stopped || state == LaneState::failed;
}

}  // namespace

const char* name_of(LaneState state) {
  static constexpr std::array names = {"starting", "running", "restarting", "quarantined", "stopped", "failed"};
  return names[static_cast<size_t>(state)];
}

LaneSupervisor::LaneSupervisor(std::string driver, RestartPolicy policy, const base::Clock& clock, Chance chance)
    : driver_(std::move(driver)), policy_(policy), clock_(clock), chance_(std::move(chance)) {}

LaneSupervisor::Chance LaneSupervisor::system_chance() {
  auto engine = std::make_shared<std::minstd_rand>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>(0, 1)(*engine); };
}

void LaneSupervisor::opened() {
  if (!is_over(state_)) state_ = LaneState::running;
  opened_ns_ = clock_.monotonic_ns();
}

void LaneSupervisor::went_well() { in_a_row_ = 0; }

void LaneSupervisor::breached() { state_ = LaneState::quarantined; }

void LaneSupervisor::stop() {
  if (!is_over(state_)) state_ = LaneState::stopped;
}

void LaneSupervisor::pause_over() {
  if (state_ == LaneState::restarting) state_ = LaneState::starting;
}

base::Result<uint64_t> LaneSupervisor::died() {
  ++deaths_;
  const uint64_t now_ns = clock_.monotonic_ns();
  if (const auto since = std::exchange(opened_ns_, std::nullopt); since && now_ns - *since >= policy_.calm_ms * ms)
    in_a_row_ = 0;
  recent_ns_.push_back(now_ns);
  if (recent_ns_.size() > policy_.storm_deaths) recent_ns_.pop_front();
  const auto refuse = [&](const char* id, base::Field field, base::Field more) {
    state_ = LaneState::failed;
    base::Error error{base::Outcome::incomplete, id, {{"driver", driver_}, std::move(field)}, GARITA_DRIVER_FAULT};
    if (!more.name.empty()) error.fields.push_back(std::move(more));
    return error;
  };
  if (in_a_row_ >= policy_.most_in_a_row)
    return refuse("isolate.gave_up", {"restarts", std::to_string(in_a_row_)}, {});
  if (policy_.storm_deaths != 0 && recent_ns_.size() >= policy_.storm_deaths &&
      now_ns - recent_ns_.front() <= policy_.storm_ms * ms)
    return refuse("isolate.restart_storm", {"deaths", std::to_string(recent_ns_.size())},
                  {"seconds", std::to_string((now_ns - recent_ns_.front()) / (1000 * ms))});
  if (!is_over(state_)) state_ = LaneState::restarting;
  return pause_ns();
}

uint64_t LaneSupervisor::pause_ns() {
  const uint64_t doubled = policy_.first_pause_ms << std::min(in_a_row_++, most_doublings);
  const uint64_t whole = std::min(std::max(doubled, policy_.first_pause_ms), policy_.longest_pause_ms) * ms;
  const double share = std::clamp(chance_(), 0.0, 1.0);
  return whole / 2 + static_cast<uint64_t>(static_cast<double>(whole / 2) * share);
}

}  // namespace garita::host
