// The configurations of a fleet's NATS servers, from its plan.
//
//   NAME.conf   NAME.crt       of a server of the hub
//   leaf-SITE.conf   .crt      of a site's leaf node; leaf-SITE.clients.pem: its one client, the site's
//   program hubs.pem   leaves.pem      whom leaf nodes and servers believe, and whom servers let in: the very
//                              certificates, so that no authority can make another
//
// On its machine a configuration lies in the plan's folder, with the .pem and .crt that it names, and a key
// that is rendered nowhere: NAME.key, leaf-SITE.key.
#pragma once

#include <string>
#include <vector>

#include "core/exchange/fleet/check.hpp"

namespace garita::exchange {

struct FleetFile {
  std::string name;  // "hub-1.conf"
  std::string text;
};

// What a machine of the fleet needs.
struct FleetMachine {
  std::string name, host, folder;
  std::vector<std::string> files;  // of the rendered; the first is the configuration
  std::string key;                 // the private key that has to lie there, 0600
};

struct RenderedFleet {
  std::vector<FleetFile> files;
  std::vector<FleetMachine> machines;
};

// The same plan gives the same bytes. The first mistake of check_fleet() where it has one.
base::Result<RenderedFleet> render_fleet(const FleetPlan& plan, int64_t now_utc_ns);
// Of a plan that check_fleet() found nothing in; else what is rendered may mean anything.
RenderedFleet render_checked(const FleetPlan& plan);

}  // namespace garita::exchange
