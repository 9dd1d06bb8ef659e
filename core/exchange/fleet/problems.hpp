// Collects what is wrong with a plan; for the files of this folder.
#pragma once

#include "core/exchange/fleet/check.hpp"

namespace garita::exchange {

class FleetProblems {
 public:
  void add(std::string key, const char* id, std::vector<base::Field> fields) {
    if (all_.size() < max_fleet_problems)
      all_.push_back({std::move(key), {base::Outcome::usage, id, std::move(fields), 0}});
  }
  // True where it is there.
  bool needs(bool there, const std::string& key) {
    if (!there) add(key, "fleet.missing", {{"key", key}});
    return there;
  }
  std::vector<FleetProblem> take() { return std::move(all_); }

 private:
  std::vector<FleetProblem> all_;
};

// The parts of check_fleet(): what stands in fleet.toml alone, what certificates say, and what the sites' own
// files say of the same things.
void check_servers(const FleetPlan& plan, FleetProblems& problems);
void check_partners(const FleetPlan& plan, FleetProblems& problems);
void check_certificates(const FleetPlan& plan, int64_t now_utc_ns, FleetProblems& problems);
void check_site_files(const FleetPlan& plan, FleetProblems& problems);

}  // namespace garita::exchange
