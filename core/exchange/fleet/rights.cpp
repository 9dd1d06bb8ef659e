#include "core/exchange/fleet/rights.hpp"

#include "core/exchange/transport/nats_names.hpp"

namespace garita::exchange {
namespace {

struct Lane {
  const FleetSite &from, &to;
};

// Across a border, in the order of the plan.
std::vector<Lane> lanes_of(const FleetPlan& plan) {
  std::vector<Lane> lanes;
  for (const FleetSite& from : plan.sites)
    for (const std::string& partner : from.exchanges_with)
      if (const FleetSite* to = plan.site(partner); to && to->nation != from.nation)
        lanes.push_back({from, *to});
  return lanes;
}

}  // namespace

// The subjects of libnats' js_GetStreamInfo, js_AddStream, js_GetConsumerInfo, js_AddConsumer
// (CONSUMER.CREATE in later versions), of NatsPull's question and of its acknowledgement.
FleetRights rights_of(const FleetPlan& plan, const FleetSite& site) {
  FleetRights rights;
  const std::string asks = "$JS." + plan.domain + ".API.", consumer = std::string(".") + nats_consumer;
  for (const std::string& partner : site.exchanges_with) {
    const std::string stream = nats_stream(partner, site.name), own = stream + consumer;
    rights.publish.insert(rights.publish.end(),
                          {nats_subjects(site.name, partner) + ".*", asks + "STREAM.INFO." + stream,
                           asks + "STREAM.CREATE." + stream, asks + "CONSUMER.INFO." + own,
                           asks + "CONSUMER.DURABLE.CREATE." + own, asks + "CONSUMER.CREATE." + own + ".>",
                           asks + "CONSUMER.MSG.NEXT." + own, "$JS.ACK." + own + ".>"});
  }
  rights.subscribe = {nats_inbox(site.name) + ".>"};
  return rights;
}

std::vector<FleetTrade> exports_of(const FleetPlan& plan, const std::string& nation) {
  std::vector<FleetTrade> all;
  for (const Lane& lane : lanes_of(plan))
    if (lane.to.nation == nation)
      all.push_back({lane.from.nation, nats_subjects(lane.from.name, lane.to.name) + ".>"});
  return all;
}

std::vector<FleetTrade> imports_of(const FleetPlan& plan, const std::string& nation) {
  std::vector<FleetTrade> all;
  for (const Lane& lane : lanes_of(plan))
    if (lane.from.nation == nation)
      all.push_back({lane.to.nation, nats_subjects(lane.from.name, lane.to.name) + ".>"});
  return all;
}

FleetShare share_of(const FleetPlan& plan, const std::string& nation) {
  FleetShare share;
  for (const FleetSite& site : plan.sites) {
    if (site.nation != nation) continue;
    share.streams += site.exchanges_with.size();
    share.bytes += (uint64_t{site.inbox_gb} << 30) * site.exchanges_with.size() * plan.replicas();
  }
  return share;
}

}  // namespace garita::exchange
