// What would go wrong with a fleet, found before it runs.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/exchange/fleet/plan.hpp"

namespace garita::exchange {

inline constexpr size_t max_fleet_problems = 200;

struct FleetProblem {
  std::string key;  // where in the plan: "sites.mx.exchanges_with"
  base::Error error;
};

// Every mistake, the same each time; none: it can be rendered. `now_utc_ns` is held against the certificates.
//
// fleet.missing, .name, .host, .path, .servers_count, .port_twice, .store_small, .identity_twice,
// .certificate_file, .certificate_names, .certificate_dates, .certificate_host, .nation_unknown,
// .nation_twice, .partner_none, .partner_self, .partner_twice, .partner_unknown, .partner_one_sided,
// .stream_twice, .site_file, .site_name, .peer_missing, .peer_extra, .way, .peer_setting, .site_ca
std::vector<FleetProblem> check_fleet(const FleetPlan& plan, int64_t now_utc_ns);

// "host:port", "[::1]:port"
std::string host_and_port(const std::string& host, uint16_t port);
// As the site's exchange.toml has it: "nats+tls://127.0.0.1:4222/hub".
std::string way_of(const FleetPlan& plan, const FleetSite& site);

}  // namespace garita::exchange
