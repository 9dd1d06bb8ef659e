// What a site may say to the hub, and hear: its messages for its partners, and the one stream of each of them
// for it. The leaf node holds its client to it, and the hub the leaf node.
#pragma once

#include "core/exchange/fleet/plan.hpp"

namespace garita::exchange {

struct FleetRights {
  std::vector<std::string> publish, subscribe;
};
FleetRights rights_of(const FleetPlan& plan, const FleetSite& site);

// What a nation's account lets others do, and does in others' accounts.
struct FleetTrade {
  std::string nation;    // the other
  std::string subjects;  // "garita.FROM.TO.>"
};
std::vector<FleetTrade> exports_of(const FleetPlan& plan, const std::string& nation);
std::vector<FleetTrade> imports_of(const FleetPlan& plan, const std::string& nation);

// Of all streams of a nation, and how many there are.
struct FleetShare {
  uint64_t bytes = 0, streams = 0;
};
FleetShare share_of(const FleetPlan& plan, const std::string& nation);

}  // namespace garita::exchange
